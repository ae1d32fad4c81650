/* SPDX-License-Identifier: ISC */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tap.h"
#include "xalloc.h"

static int entries(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

static void test_replace(void)
{
	struct buf b = {0};
	struct stat st;
	ino_t inode;

	umask(022);
	is_int(file_replace("f", "one", 3, 0600, true), 0, "a new file");
	is_int(file_read("f", &b), 0, "... can be read");
	is_str(buf_cstr(&b), "one", "... and holds it");
	is_int(stat("f", &st) ? -1 : (int)(st.st_mode & 07777), 0600, "... in its mode");
	inode = st.st_ino;
	is_int(file_replace("f", "two, longer", 11, 0666, false), 0, "replaced");
	is_int(file_read("f", &b), 0, "... can be read");
	is_str(buf_cstr(&b), "two, longer", "... what was in the buf is gone");
	is_int(stat("f", &st) ? -1 : (int)(st.st_mode & 07777), 0644, "the umask counts");
	ok(st.st_ino != inode, "another file took its place, nothing was edited");
	is_int(file_replace("f", NULL, 0, 0600, true), 0, "by nothing");
	is_int(file_read("f", &b), 0, "an empty file can be read");
	is_int((int64_t)b.len, 0, "... and is empty");
	is_int(entries("."), 1, "no temporary file stays");
	buf_release(&b);
}

static void test_replace_fails(void)
{
	struct stat st;

	is_int(file_replace("no/such", "x", 1, 0600, true), -1, "no folder");
	is_int(errno, ENOENT, "... says ENOENT");
	is_int(mkdir("folder", 0700), 0, "a folder");
	is_int(file_replace("folder", "x", 1, 0600, true), -1, "... is not replaced");
	is_int(mkfifo("pipe", 0600), 0, "a pipe");
	is_int(file_replace("pipe", "x", 1, 0600, true), -1, "... neither");
	is_int(errno, EINVAL, "... and EINVAL says so");
	is_int(symlink("f", "link"), 0, "a link");
	is_int(file_replace("link", "x", 1, 0600, true), -1, "... neither");
	is_int(errno, ELOOP, "... and ELOOP says so");
	ok(!lstat("link", &st) && S_ISLNK(st.st_mode), "... it still is one");
	is_int(entries("."), 4, "no temporary file stays");
}

/* A full disk, played by a limit: the old file stays, whole. */
static void test_full(void)
{
	struct buf b = {0};
	pid_t pid;
	int status = -1;

	is_int(file_replace("f", "old", 3, 0600, true), 0, "a file");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		static const struct rlimit limit = {4096, 4096};
		static char much[65536];

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(file_replace("f", much, sizeof(much), 0600, true) ? errno : 0);
	}
	waitpid(pid, &status, 0);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, EFBIG, "a write that fails");
	is_int(file_read("f", &b), 0, "the old file");
	is_str(buf_cstr(&b), "old", "... is whole");
	is_int(entries("."), 4, "no temporary file stays");
	buf_release(&b);
}

static void test_read(void)
{
	struct buf b;

	buf_init(&b, 4);
	is_int(file_read("none", &b), -1, "no file");
	is_int(errno, ENOENT, "... says ENOENT");
	is_int(file_read("folder", &b), -1, "a folder");
	is_int(errno, EINVAL, "... says EINVAL");
	is_int(file_read("pipe", &b), -1, "a pipe does not hold us");
	is_int(errno, EINVAL, "... and says EINVAL");
	is_int(file_read("link", &b), -1, "a link");
	is_int(errno, ELOOP, "... says ELOOP");
	is_int(file_read("/dev/null", &b), -1, "a device");
	is_int(errno, EINVAL, "... says EINVAL");
	is_int(file_replace("f", "1234", 4, 0600, false), 0, "as many bytes as the maximum");
	is_int(file_read("f", &b), 0, "... are read");
	is_bytes(b.data, b.len, "1234", 4, "... all of them");
	is_int(file_replace("f", "12345", 5, 0600, false), 0, "one more");
	is_int(file_read("f", &b), -1, "... is too many");
	is_int(errno, EFBIG, "... says EFBIG");
	buf_release(&b);
	is_int(file_read("/proc/self/status", &b), -1, "a file that claims to be empty and is too large");
	is_int(errno, EFBIG, "... says EFBIG");
	buf_release(&b);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A reader that is slow and a writer that does not block: signals and EAGAIN cost nothing. */
static void test_write_all(void)
{
	static char data[1 << 20], got[1 << 16];
	const struct itimerval tick = {{0, 200}, {0, 200}};
	struct sigaction sa = {.sa_handler = on_alarm};
	size_t sum = 0, wrong = 0;
	ssize_t n;
	int fd[2], status = -1;
	pid_t pid;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i % 251);
	if (pipe(fd) || fcntl(fd[1], F_SETFL, O_NONBLOCK))
		exit(1);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(fd[0]);
		sigaction(SIGALRM, &sa, NULL);
		setitimer(ITIMER_REAL, &tick, NULL);
		_exit(file_write_all(fd[1], data, sizeof(data)) != 0);
	}
	close(fd[1]);
	while ((n = read(fd[0], got, sizeof(got))) > 0) {
		for (ssize_t i = 0; i < n; i++, sum++)
			wrong += got[i] != (char)(sum % 251);
	}
	close(fd[0]);
	waitpid(pid, &status, 0);
	is_int(status, 0, "the writer is content");
	is_int((int64_t)sum, sizeof(data), "all bytes arrive");
	is_int((int64_t)wrong, 0, "... in order");
	signal(SIGPIPE, SIG_IGN);
	if (pipe(fd))
		exit(1);
	close(fd[0]);
	is_int(file_write_all(fd[1], "x", 1), -1, "nobody reads");
	is_int(errno, EPIPE, "... says EPIPE");
	close(fd[1]);
	is_int(file_write_all(-1, "x", 1), -1, "no descriptor");
	is_int(file_write_all(-1, NULL, 0), 0, "nothing to write is written");
}

static void test_secret(void)
{
	struct buf out = {.max = 16};
	int ends[2];
	char *name;

	unlink("secret");
	file_replace("secret", "hush", 4, 0600, false);
	ok(!file_read_secret("secret", &out) && out.len == 4, "a secret that is ours alone");
	ok(!symlink("secret", "to-secret") && !file_read_secret("to-secret", &out) && out.len == 4,
	   "through a link");
	chmod("secret", 0640);
	ok(file_read_secret("secret", &out) && errno == EPERM, "not one that others can read");
	ok(file_read_secret(".", &out) && errno == EINVAL, "no folder");
	ok(file_read_secret("none", &out) && errno == ENOENT, "nothing");
	ok(!pipe(ends) && write(ends[1], "hush", 4) == 4, "a pipe");
	close(ends[1]);
	name = xasprintf("/dev/fd/%d", ends[0]);
	ok(!file_read_secret(name, &out) && out.len == 4, "is read to its end");
	close(ends[0]);
	free(name);
	file_replace("long", "01234567890123456789", 20, 0600, false);
	ok(file_read_secret("long", &out) && errno == EFBIG, "no more than the maximum");
	buf_release(&out);
}

static void own_folder_is(const char *base, const char *home, const char *want)
{
	char *path = file_own_folder(base, home, ".cache");

	is_str(path ? path : "none", want, "a folder of one's own");
	free(path);
}

static void test_make_folder(void)
{
	struct stat st;

	is_int(file_make_folder("new/folder/below"), 0, "folders, one below the other");
	is_int(stat("new/folder", &st) ? -1 : (int)(st.st_mode & 07777), 0700, "... for this user alone");
	is_int(file_make_folder("new/folder/below/"), 0, "that are there");
	is_int(file_make_folder("/"), 0, "the root");
	is_int(file_replace("new/file", "", 0, 0600, false), 0, "a file");
	is_int(file_make_folder("new/file/a/b"), -1, "... is no folder");
	is_int(errno, ENOTDIR, "... says ENOTDIR");
	is_int(file_make_folder(""), -1, "no name");
}

int main(void)
{
	char folder[TAP_FOLDER];

	tap_enter(folder);
	test_replace();
	test_replace_fails();
	test_full();
	test_read();
	test_write_all();
	test_secret();
	test_make_folder();
	is_int(file_sync_folder("f"), 0, "the folder of a bare name");
	is_int(file_sync_folder("/f"), 0, "the root");
	is_int(file_sync_folder("none/f"), -1, "no folder");
	own_folder_is("/x", "/home/ann", "/x/athena");
	own_folder_is("x", "/home/ann", "/home/ann/.cache/athena");
	own_folder_is(NULL, NULL, "none");
	tap_leave(folder);
	return tap_done();
}

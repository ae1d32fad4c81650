/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <sys/resource.h>

void confine_core(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit))
		return;
	/* One byte is too small for a core in a file; and where a program is given it, Linux takes just this for no. */
	if (limit.rlim_max > 1)
		limit.rlim_max = 1;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
}

/* Coverage is written where the program was built, and valgrind does not know the calls. */
#if defined(__linux__) && !defined(CONFINE_NOTHING)

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- programs and network: seccomp ---- */

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#endif

/* A sanitizer starts a program to name the lines of its report. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#ifdef OUR_ARCH
#define REFUSE              BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LOAD(member)        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define REFUSE_CALL(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), REFUSE

enum { X32 = 0x40000000 }; /* set in the numbers of x86-64's second table */

static bool filter_calls(unsigned what)
{
	/* Each part ends by falling through to the next; what no part refuses is allowed. */
	const struct sock_filter head[] = {
		/* Other tables number the calls otherwise, so none of theirs is let through. */
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		REFUSE,
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
		REFUSE,
		REFUSE_CALL(__NR_io_uring_setup), /* does what others do, unseen by this filter */
	};
	const struct sock_filter network[] = {REFUSE_CALL(__NR_socket)};
	/* Another process of this user would do as well as one of its own. */
	const struct sock_filter programs[] = {
		REFUSE_CALL(__NR_execve),      REFUSE_CALL(__NR_execveat),
		REFUSE_CALL(__NR_ptrace),      REFUSE_CALL(__NR_process_vm_writev),
#ifdef __NR_pidfd_getfd
		REFUSE_CALL(__NR_pidfd_getfd),
#endif
	};
	/* Landlock has known this one since 6.2 only. */
	const struct sock_filter files[] = {REFUSE_CALL(__NR_truncate)};
	const struct {
		bool use;
		const struct sock_filter *code;
		size_t n;
	} parts[] = {
		{true, head, sizeof(head) / sizeof(*head)},
		{what & CONFINE_NETWORK, network, sizeof(network) / sizeof(*network)},
		{what & CONFINE_PROGRAMS, programs, sizeof(programs) / sizeof(*programs)},
		{what & CONFINE_FILES, files, sizeof(files) / sizeof(*files)},
	};
	struct sock_filter code[32];
	struct sock_fprog program = {.filter = code};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		for (size_t k = 0; parts[i].use && k < parts[i].n; k++)
			code[program.len++] = parts[i].code[k];
	code[program.len++] = (struct sock_filter)ALLOW;
	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static bool filter_calls(unsigned what)
{
	(void)what;
	return false;
}
#endif

/* ---- files: Landlock ---- */

/* As in the kernel's header, which may be older than the kernel. */
#define TRUNCATE (1ULL << 14)

struct ruleset {
	uint64_t files;
};

/* Everything that changes a file or a folder, as far as this kernel knows it. */
static uint64_t changes(long abi)
{
	uint64_t all = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
		       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
		       LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		       LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
		       LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

	return abi >= 3 ? all | TRUNCATE : all;
}

static void open_folder(int ruleset, uint64_t files, const char *folder)
{
	struct landlock_path_beneath_attr below = {.allowed_access = files};

	below.parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (below.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(below.parent_fd);
}

static bool close_files(const char *const *folders, size_t n)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset attr = {.files = changes(abi)};
	bool done;
	int ruleset;

	if (abi < 1)
		return false;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (folders[i])
			open_folder(ruleset, attr.files, folders[i]);
	done = !syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return done;
}

unsigned confine(unsigned keep, const char *const *folders, size_t n)
{
	unsigned calls = ~keep & (CONFINE_NETWORK | (SANITIZED ? 0 : CONFINE_PROGRAMS)), done = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 0;
	if (!(keep & CONFINE_FILES) && close_files(folders, n))
		done |= CONFINE_FILES;
	if (calls | done && filter_calls(calls | done))
		done |= calls;
	return done;
}

#elif defined(__OpenBSD__) && !defined(CONFINE_NOTHING)

#include <stdio.h>
#include <unistd.h>

/* What is refused is an error, as by seccomp, not the end of the program. */
static unsigned promise(unsigned keep)
{
	char promises[160];

	snprintf(promises, sizeof(promises), "error stdio rpath wpath cpath fattr flock tty getpw%s%s",
		 keep & CONFINE_NETWORK ? " inet unix dns" : "", keep & CONFINE_PROGRAMS ? " proc exec" : "");
	return pledge(promises, NULL) ? 0 : ~keep & (CONFINE_NETWORK | CONFINE_PROGRAMS);
}

static unsigned close_files(const char *const *folders, size_t n)
{
	/* Programs and what they load are started from anywhere. */
	if (unveil("/", "rx") || unveil("/dev/null", "rw") || unveil("/dev/tty", "rw"))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (folders[i])
			unveil(folders[i], "rwxc");
	return unveil(NULL, NULL) ? 0 : CONFINE_FILES;
}

unsigned confine(unsigned keep, const char *const *folders, size_t n)
{
	unsigned done = keep & CONFINE_FILES ? 0 : close_files(folders, n);

	return done | promise(keep);
}

#else

unsigned confine(unsigned keep, const char *const *folders, size_t n)
{
	(void)keep;
	(void)folders;
	(void)n;
	return 0;
}

#endif

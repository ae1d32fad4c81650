/* SPDX-License-Identifier: ISC */
#include "threads.h"

#include <sched.h>
#include <signal.h>

#include "tap.h"

static void *look(void *arg)
{
	pthread_sigmask(SIG_SETMASK, NULL, arg);
	return NULL;
}

static void test_start(void)
{
	sigset_t mask, before, after;
	pthread_t thread;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	sigemptyset(&mask);
	if (!ok(threads_start(&thread, look, &mask), "a thread begins"))
		return;
	pthread_join(thread, NULL);
	ok(sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1, "and takes no signals");
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	is_int(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM), "the caller does, as before");
}

static void test_processors(void)
{
	cpu_set_t set;
	int first = 0;

	ok(threads_processors() >= 1, "there is a processor");
	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	while (!CPU_ISSET(first, &set))
		first++;
	CPU_ZERO(&set);
	CPU_SET(first, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		is_int(threads_processors(), 1, "who may use one has one, however many there are");
}

int main(void)
{
	test_start();
	test_processors();
	return tap_done();
}

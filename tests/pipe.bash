# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# A pipe between programs that are started, and killed, one by one. A FIFO's name will not do: who opens it waits
# for the other end, for ever where that one was killed before it had come to its own.
#
#	pipe_open                      a pipe: descriptor 8 to read from, 9 to write to
#	source >&9 8<&- 9>&- &         each program with one end, and none with what is not its own
#	sink <&8 8<&- 9>&- &           (several: { one | two; } <&8 8<&- 9>&- &)
#	pipe_close                     the ends that the shell holds
pipe_open() {
	local name
	name=$(mktemp -u "${TMPDIR:-/tmp}/athena-pipe.XXXXXX")
	mkfifo -m 600 "$name"
	# shellcheck disable=SC2094 # a pipe
	exec 7<>"$name" 8<"$name" 9>"$name" 7>&-
	rm "$name"
}
pipe_close() { exec 8<&- 9>&-; }

# SPDX-License-Identifier: ISC
# fish completion for athena-commit(1)

complete -c athena-commit -l batch -x -d 'A run of CMD for every N events or more'
complete -c athena-commit -s h -l help -d 'Show help'
complete -c athena-commit -l keep-control -d 'Give CMD the control records too'
complete -c athena-commit -l max-line -x -d 'Reject lines of more bytes'
complete -c athena-commit -l metrics -r -F -d 'Write Prometheus metrics at the end'
complete -c athena-commit -l no-progress -d 'Show no progress'
complete -c athena-commit -l progress -d 'Show progress even where stderr is no terminal'
complete -c athena-commit -s q -l quiet -d 'Errors and warnings only'
complete -c athena-commit -l rejects -r -F -d 'Add the lines that are rejected to a file'
complete -c athena-commit -l retries -x -d 'Give a batch that was not taken to CMD again, N times'
complete -c athena-commit -l retry-delay -x -d 'Wait so long before the first retry'
complete -c athena-commit -l strict -d 'Stop at the first line that is rejected'
complete -c athena-commit -s v -l verbose -d 'Say how many events were delivered'
complete -c athena-commit -l version -d 'Show the version'
complete -c athena-commit -xa '(__fish_complete_subcommand)'

# SPDX-License-Identifier: ISC
# fish completion for athena-conformance(1)

complete -c athena-conformance -l format -x -a 'auto table tap ndjson' -d 'For a person, as TAP or as NDJSON'
complete -c athena-conformance -l grow -x -d 'A shell command that adds to the input'
complete -c athena-conformance -s h -l help -d 'Show help'
complete -c athena-conformance -l keep -x -a '(__fish_complete_directories)' -d 'Leave all files in a folder'
complete -c athena-conformance -l list -d 'Show what is asked, and ask nothing'
complete -c athena-conformance -l missing -x -d 'An argument that names an input that is not there'
complete -c athena-conformance -l only -x -a '(athena-conformance --list 2>/dev/null | string replace -r " +" \t)' -d 'Ask only this'
complete -c athena-conformance -l timeout -x -d 'Wait so long for each run'
complete -c athena-conformance -l version -d 'Show the version'
complete -c athena-conformance -a "(complete -C athena-src- | string match 'athena-src-*')"

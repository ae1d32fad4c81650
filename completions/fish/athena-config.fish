# SPDX-License-Identifier: ISC
# fish completion for athena-config(1)

complete -c athena-config -l config -r -F -d 'Read FILE'
complete -c athena-config -l format -x -a 'auto table ndjson' -d 'A table or NDJSON'
complete -c athena-config -s h -l help -d 'Show help'
complete -c athena-config -l version -d 'Show the version'
complete -c athena-config -f -a '(athena-config --format=ndjson 2>/dev/null | sed -n \'s/^{"key":"source\\.\\([A-Za-z0-9._@+-]*\\)\\.type".*/\\1/p\')'

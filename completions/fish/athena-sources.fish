# SPDX-License-Identifier: ISC
# fish completion for athena-sources(1)

complete -c athena-sources -l format -x -a 'auto table ndjson' -d 'A table or NDJSON'
complete -c athena-sources -s h -l help -d 'Show help'
complete -c athena-sources -l timeout -x -d 'Wait so long for each answer'
complete -c athena-sources -l version -d 'Show the version'
complete -c athena-sources -f -a '(athena-sources --format=ndjson 2>/dev/null | sed -n \'s/^{"type":"\\([a-z0-9-]*\\)".*/\\1/p\')'

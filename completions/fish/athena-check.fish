# SPDX-License-Identifier: ISC
# fish completion for athena-check(1)

complete -c athena-check -l config -r -F -d 'Read FILE'
complete -c athena-check -l format -x -a 'auto table ndjson' -d 'A table or NDJSON'
complete -c athena-check -s h -l help -d 'Show help'
complete -c athena-check -l timeout -x -d 'Wait so long for each answer'
complete -c athena-check -l version -d 'Show the version'
complete -c athena-check -f -a '(athena-config --known source 2>/dev/null)'

# SPDX-License-Identifier: ISC
# fish completion for athena-config(1)

complete -c athena-config -l config -r -F -d 'Read FILE'
complete -c athena-config -l format -x -a 'auto table ndjson' -d 'A table or NDJSON'
complete -c athena-config -s h -l help -d 'Show help'
complete -c athena-config -l known -x -a 'source id branch channel' -d 'Only names that are known without the network'
complete -c athena-config -l repo -x -a '(__fish_complete_directories)' -d 'With --known=branch: the repository'
complete -c athena-config -l version -d 'Show the version'
complete -c athena-config -f -a '(athena-config --known source 2>/dev/null)'

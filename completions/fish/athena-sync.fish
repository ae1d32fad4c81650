# SPDX-License-Identifier: ISC
# fish completion for athena-sync(1)

complete -c athena-sync -l config -r -F -d 'Read FILE'
complete -c athena-sync -l deadline -x -d 'Try again what failed for a time, so long'
complete -c athena-sync -l dry-run -d 'Show the pipelines and run nothing'
complete -c athena-sync -l format -x -a 'auto table ndjson' -d 'The summary: a table or NDJSON'
complete -c athena-sync -s h -l help -d 'Show help'
complete -c athena-sync -s j -l jobs -x -d 'Run N sources side by side'
complete -c athena-sync -l metrics -r -F -d 'Write Prometheus metrics at the end'
complete -c athena-sync -l no-progress -d 'Show no progress'
complete -c athena-sync -l progress -d 'Show progress even where stderr is no terminal'
complete -c athena-sync -s q -l quiet -d 'Errors and warnings only, no summary'
complete -c athena-sync -l retry-delay -x -d 'Wait about so long before the first retry'
complete -c athena-sync -s v -l verbose -d 'Say what is started'
complete -c athena-sync -l version -d 'Show the version'
complete -c athena-sync -f -a '(athena-config --known source 2>/dev/null)'

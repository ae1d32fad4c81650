# SPDX-License-Identifier: ISC
# fish completion for athena-store(1)

complete -c athena-store -l busy-timeout -x -d 'Wait so long for another program that writes'
complete -c athena-store -l check -d 'Say whether the database can be written'
complete -c athena-store -l cursor-of -x -d 'Print the cursor of a source as the database has it'
complete -c athena-store -s h -l help -d 'Show help'
complete -c athena-store -l max-line -x -d 'Reject lines of more bytes'
complete -c athena-store -l metrics -r -F -d 'Write Prometheus metrics at the end'
complete -c athena-store -l no-ack -d 'Leave the cursor files of the sources where they are'
complete -c athena-store -l no-cursor -d 'Record no positions either'
complete -c athena-store -l no-progress -d 'Show no progress'
complete -c athena-store -l progress -d 'Show progress even where stderr is no terminal'
complete -c athena-store -s q -l quiet -d 'Errors and warnings only'
complete -c athena-store -l strict -d 'Stop at the first line that is rejected'
complete -c athena-store -s v -l verbose -d 'Say how many events were inserted, updated and known'
complete -c athena-store -l version -d 'Show the version'

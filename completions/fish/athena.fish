# SPDX-License-Identifier: ISC
# fish completion for athena(1)

complete -c athena -n __fish_use_subcommand -s h -l help -d 'Show help'
complete -c athena -n __fish_use_subcommand -l version -d 'Show the version'
complete -c athena -n __fish_use_subcommand -f -a "help (complete -C athena- | string replace -r '^athena-(\S+).*' '\$1')"

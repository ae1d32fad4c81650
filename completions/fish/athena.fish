# SPDX-License-Identifier: ISC
# fish completion for athena(1)

function __athena_commands
	complete -C athena- | string replace -rf '^athena-(\S+).*' '$1'
end

# As if athena-COMMAND had been typed.
function __athena_rest
	set -l words (commandline -opc) (commandline -ct)
	set -l last $words[-1]
	complete -C "athena-"(string join ' ' -- (string escape -- $words[2..-2]) $last)
end

complete -c athena -n __fish_use_subcommand -s h -l help -d 'Show help'
complete -c athena -n __fish_use_subcommand -l version -d 'Show the version'
complete -c athena -n __fish_use_subcommand -f -a "help (__athena_commands)"
complete -c athena -n '__fish_seen_subcommand_from help; and test (count (commandline -opc)) -eq 2' -f -a 'athena cursor events recipes source (__athena_commands)'
complete -c athena -n 'not __fish_use_subcommand; and not __fish_seen_subcommand_from help' -f -a '(__athena_rest)'

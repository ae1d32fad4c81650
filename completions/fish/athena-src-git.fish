# SPDX-License-Identifier: ISC
function __athena_src_git_refs
    set -l repo .
    set -l words (commandline -opc)
    for i in (seq 2 (count $words))
        switch $words[$i]
            case '--repo=*'
                set repo (string replace -- --repo= '' $words[$i])
            case '-*'
            case '*'
                test -d $words[$i]; and set repo $words[$i]
        end
    end
    athena-config --known branch --repo $repo 2>/dev/null
end

complete -c athena-src-git -f -a '(__fish_complete_directories)' -d repository
complete -c athena-src-git -l all -d 'all refs: branches, remote branches, tags and others'
complete -c athena-src-git -l branch -x -a '(__athena_src_git_refs)' -d 'this branch, tag or ref'
complete -c athena-src-git -l check -d 'say whether everything a run needs is there'
complete -c athena-src-git -l commit -x -a 'auto exit' -d 'who moves the cursor'
complete -c athena-src-git -l cursor -r -F -d 'resume after the position in FILE'
complete -c athena-src-git -l describe -d 'describe this source as JSON'
complete -c athena-src-git -l diff -d 'with --per-file: its unified diff, up to 64 KiB'
complete -c athena-src-git -l diff-merges -x -a first-parent -d 'files of a merge too, against its first parent'
complete -c athena-src-git -l exclude -r -F -d 'leave out the paths that match'
complete -c athena-src-git -l find-renames -d 'a deleted and an added file that are alike are a renamed one'
complete -c athena-src-git -l first-parent -d 'follow only the first parent of a merge'
complete -c athena-src-git -s h -l help -d 'show help'
complete -c athena-src-git -n '__fish_seen_argument -s h -l help' -f -a all -d 'every option'
complete -c athena-src-git -l limit -x -d 'the oldest N events'
complete -c athena-src-git -l max-commits -x -d 'the oldest N commits'
complete -c athena-src-git -l metrics -r -F -d 'write Prometheus metrics to FILE at the end'
complete -c athena-src-git -l no-merges -d 'leave out commits with more than one parent'
complete -c athena-src-git -l no-progress -d 'show no progress'
complete -c athena-src-git -l path -r -F -d 'only commits that change a path that matches'
complete -c athena-src-git -l per-file -d 'a file_change event for each changed file too'
complete -c athena-src-git -l plan -d 'say what a run would do and cost, without doing it'
complete -c athena-src-git -l progress -d 'show progress even where stderr is no terminal'
complete -c athena-src-git -l project -x -d 'project_id of the events'
complete -c athena-src-git -s q -l quiet -d 'errors and warnings only'
complete -c athena-src-git -l repo -x -a '(__fish_complete_directories)' -d 'the repository'
complete -c athena-src-git -l session -x -d 'session_id of all events'
complete -c athena-src-git -l since -x -a '1h 24h 7d 2w' -d 'only events at or after WHEN'
complete -c athena-src-git -l source-id -x -d 'call the source ID'
complete -c athena-src-git -l stat -x -a 'none files lines' -d 'what to count'
complete -c athena-src-git -l until -x -a '1h 24h 7d 2w' -d 'only events before WHEN'
complete -c athena-src-git -s v -l verbose -d 'say more'
complete -c athena-src-git -l version -d 'show the version'
complete -c athena-src-git -l worktree -d 'uncommitted changes as worktree.change events too'

#!/bin/sh
# What `make install` puts into .git/hooks as commit-msg: a commit says in its body why. Merges and reverts write their own.
case "$(sed -n 1p "$1")" in Merge\ *|Revert\ *|fixup!\ *|squash!\ *) exit 0 ;; esac
sed -e '/^# -* >8/,$d' -e '/^#/d' "$1" | sed -n '3,$p' | grep -q '[^[:space:]]' && exit 0
echo "A commit needs a body that says why: a line, an empty line, then the reason." >&2
exit 1

#!/bin/sh
# What the policies of this checkout would have made of the calls of the last week, as a comment for a pull request.
#
#   LOG=export:ledger re-audit.sh COMMENT POLICY...
#
# Writes the comment to the file COMMENT, whatever comes out, and exits as `assent replay` does: 0 nothing is let further than it was,
# 1 something is, 2 the policies do not compile or the log has no such calls, 3 the log cannot be read, 4 calls cannot be decided again.
#
# LOG      the log: kafka://HOST:9092, file:PATH, or export:DIR (required)
# FROM     from when on calls are decided again (7d)
# FAIL_ON  what exits with 1: loosened, tightened, any, or none (loosened)
# CONFIG   a configuration with TLS and the user for Kafka (none)
# ASSENT   the command (npx assent)
set -u

if [ $# -lt 2 ] || [ -z "${LOG:-}" ]; then
	echo 'usage: LOG=URL re-audit.sh COMMENT POLICY...' >&2
	exit 2
fi
comment=$1
shift
fail_on=${FAIL_ON:-loosened}
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT

set -- replay --log "$LOG" --from "${FROM:-7d}" --markdown --policy "$@"
[ -z "${CONFIG:-}" ] || set -- "$@" --config "$CONFIG"
[ "$fail_on" = none ] || set -- "$@" --fail-on "$fail_on"
# Several words: a program and what it is called with.
# shellcheck disable=SC2086
${ASSENT:-npx assent} "$@" >"$work/report" 2>"$work/problems"
code=$?
cat "$work/problems" >&2

case $code in
0) said='Nothing that this check is for.' ;;
1) said="**Stopped**: the policies of this pull request are \`$fail_on\` where calls were really made. The tables say which." ;;
4) said='**Not certain**: some calls cannot be decided again, so that nobody knows what would become of them.' ;;
*) said='**Not checked**: the calls could not be decided again.' ;;
esac
[ "$code:$fail_on" != 1:any ] || said='**Stopped**: calls that were really made come out otherwise. The tables say which.'
{
	# By the first line the comment is found again.
	echo '<!-- nightly-re-audit -->'
	echo "$said"
	echo
	cat "$work/report"
	# Indented, so that it is shown as it is, whatever is in it.
	case $code in 0 | 1 | 4) ;; *) sed 's/^/    /' "$work/problems" ;; esac
} >"$comment" || exit 3
exit "$code"

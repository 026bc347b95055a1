#!/bin/sh
# compare_edges.sh TRUTH LOGGED KILLS: every edge of the typist's truth must be in the room's log exactly once, in order, with its
# class and direction. Where the agent was killed KILLS times, each may cost one read's edges. Lines are `µs class down`.
# The log has room time, the truth the machine's: compared is the shift of each edge against that of most. With no kill it must be
# under 150 ms; after a kill what waited in the pipe is placed at its arrival, which is seconds later. Prints what it found.
exec awk -v kills="$3" '
FNR == NR { t[++nt] = $1; tk[nt] = $2 " " $3; next }
{ l[++nl] = $1; lk[nl] = $2 " " $3 }
END {
	if (nl == 0 || nt == 0) { print nl + 0 " logged of " nt + 0; exit 1 }
	off = l[nl] - t[nt]
	if (kills > 0) { off = l[1] - t[1] }
	early = kills > 0 ? 1000000 : 150000; late = kills > 0 ? 4000000 : 150000
	worst = 0; missing = 0; j = 1
	for (i = 1; i <= nl; i++) {
		while (j <= nt && !(lk[i] == tk[j] && l[i] - t[j] - off < late && l[i] - t[j] - off > -early)) { j++; missing++ }
		if (j > nt) { printf "logged edge %d of %d (%s %s) is not in the truth at its time: twice, or out of order\n", i, nl, l[i], lk[i]; exit 1 }
		d = l[i] - t[j] - off; if (d < 0) d = -d
		if (d > worst) worst = d
		if (i > 1 && l[i] < l[i - 1]) back++
		j++
	}
	missing += nt - j + 1
	printf "%d true edges, %d logged, %d missing, %d agent kills, %d out of order, worst shift %.1f ms\n", nt, nl, missing, kills, back, worst / 1000
	exit missing > kills || back > 0
}' "$1" "$2"

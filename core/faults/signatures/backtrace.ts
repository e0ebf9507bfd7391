/** What servers print of where they were: as glibc's backtrace_symbols has it, or numbered, with their place in memory. */
import type { Around } from '../signature.ts';

/** Servers tell much of themselves before it. */
const DUMP_LINES = 60;
const MOST_FRAMES = 3;

/** `path(function+0x1fc)[0x59e41ef01bac]` */
const GLIBC = /^[^()]{1,200}\((?<sym>[A-Za-z_]\w*)\+0x[0-9a-f]+\) ?\[0x[0-9a-f]+\]/;
/** `2. DB::Column::insertFrom(unsigned long) @ 0x000000000d3c1b44` */
const NUMBERED = /(?:^|[ #])\d{1,3}\.? +(?<sym>[A-Za-z_][\w:~]{1,160})\(.{0,200}\) @ 0x[0-9a-f]{4,16}/;
/** Those who print it, and those who end what has failed; and where every program begins. */
const OF_ITS_END = /trace|signal|sigsegv|sigreturn|handler|abort|^raise$|^_start$|__libc_start/i;

/** The functions it was in when it failed, without their offsets. */
export const backtraceIn = (around: Around): readonly string[] =>
  around
    .after(DUMP_LINES)
    .flatMap((line) => (GLIBC.exec(line) ?? NUMBERED.exec(line))?.groups?.['sym'] ?? [])
    .filter((name) => !OF_ITS_END.test(name))
    .filter((name, index, all) => name !== all[index - 1])
    .slice(0, MOST_FRAMES);

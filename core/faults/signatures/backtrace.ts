/** What glibc's backtrace_symbols prints, whoever asks it to: `path(function+0x1fc)[0x59e41ef01bac]`. */
import type { Around } from '../signature.ts';

/** Servers tell much of themselves before it. */
const DUMP_LINES = 60;
const MOST_FRAMES = 3;

const FRAME = /^[^()]{1,200}\((?<sym>[A-Za-z_]\w*)\+0x[0-9a-f]+\) ?\[0x[0-9a-f]+\]/;
/** Those who print it, and those who end what has failed; and where every program begins. */
const OF_ITS_END = /trace|signal|sigsegv|sigreturn|handler|abort|^raise$|^_start$|__libc_start/i;

/** The functions it was in when it failed, without their offsets. */
export const backtraceIn = (around: Around): readonly string[] =>
  around
    .after(DUMP_LINES)
    .flatMap((line) => FRAME.exec(line)?.groups?.['sym'] ?? [])
    .filter((name) => !OF_ITS_END.test(name))
    .filter((name, index, all) => name !== all[index - 1])
    .slice(0, MOST_FRAMES);

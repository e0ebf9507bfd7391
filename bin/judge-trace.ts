/**
 * `node bin/judge-trace.ts FILE`: the verdict after each interval of a recorded comparison (`canary-trace/1`), one JSON
 * object a line, the last one final; `-` reads the standard input. Exit code 0: judged, 1: the file cannot be read as a trace.
 */
import { readFileSync, statSync } from 'node:fs';
import { judgeTrace } from '../core/judgement/trace/judge-trace.ts';
import { parseTrace } from '../core/judgement/trace/parse-trace.ts';

/** A day of 4 and 4 nodes, minute by minute, has a tenth of it. */
const MOST_BYTES = 128 * 1024 * 1024;

function readTrace(file: string | undefined): unknown {
  if (file === undefined) throw new Error('name the file of a trace: node bin/judge-trace.ts FILE');
  const bytes = file === '-' ? 0 : statSync(file).size;
  if (bytes > MOST_BYTES)
    throw new Error(`it has ${bytes} bytes, more than the ${MOST_BYTES} that are read: leave buckets or intervals out`);
  const text = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function main(file: string | undefined): number {
  try {
    const verdicts = judgeTrace(parseTrace(readTrace(file)));
    process.stdout.write(verdicts.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return 0;
  } catch (error) {
    console.error(`judge-trace: ${file ?? ''}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** `| head` has read enough; a disk that is full has not. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`judge-trace: the verdicts cannot be written: ${error.message}`);
  process.exit(1);
});

process.exitCode = main(process.argv[2]);

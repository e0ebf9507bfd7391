// Run before every npm script. Plain JavaScript without syntax newer than Node 14, so that an old Node can say the fix.
import process from 'node:process';

const needed = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < needed) {
  console.error(
    `Tandem's scripts need Node ${needed} or newer, this is ${process.versions.node}.\n` +
      `Fix: run "npm ci" (on Linux x64 it brings Node ${needed}, and "npm run" then uses it), or install Node ${needed}.`,
  );
  process.exit(1);
}

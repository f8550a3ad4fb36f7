import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * Stands before `git update-ref`, in a process that outlives the server: what it is told to commit it commits a moment later, as on a
 * machine with much to do. SLOW_MARK names a file that appears when it has been told to, and to which it adds when git has ended.
 */
const mark = process.env['SLOW_MARK']!;
const milliseconds = 1500;
const git = spawn('git', process.argv.slice(2), { stdio: ['pipe', 'inherit', 'inherit'] });
git.on('exit', () => writeFileSync(mark, '.', { flag: 'a' }));

let isSlow = !existsSync(mark);
for await (const chunk of process.stdin) {
  if (isSlow && (chunk as Buffer).includes('commit\0')) {
    isSlow = false;
    writeFileSync(mark, '');
    await sleep(milliseconds);
  }
  git.stdin.write(chunk);
}
git.stdin.end();

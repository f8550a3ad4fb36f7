import assert from 'node:assert/strict';
import { type Attached, runCommand } from '#cli/run-command.ts';
import { must } from './api.ts';
import type { Ran } from './cli.ts';
import { personaOf } from './personas.ts';
import type { TestServer } from './server.ts';

/** The operator's command line on a running server, asked as its admin socket asks it. */
export class CommandLine {
  readonly server: TestServer;

  constructor(server: TestServer) {
    this.server = server;
  }

  async run(line: string | readonly string[], attached: Attached = {}): Promise<Ran> {
    const argv = typeof line === 'string' ? line.split(' ') : line;
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const io = { out: (text: string) => void stdout.push(text), err: (text: string) => void stderr.push(text) };
    const code = await runCommand(this.server.running.house.context, argv, 'tester', attached, io);
    return { code, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  /** That a command prints no result, says why, and ends with a code. */
  async refused(line: string, code: number, words: RegExp, attached: Attached = {}): Promise<void> {
    const ran = await this.run(line, attached);
    assert.deepEqual([ran.code, ran.stdout], [code, ''], line);
    assert.match(ran.stderr, words, line);
    assert.equal(ran.stderr.includes('--help'), code === 2, 'a wrong question is answered with where to read');
  }

  // biome-ignore lint/suspicious/noExplicitAny: entries have fields of every shape
  async lastEntry(): Promise<any> {
    const admin = personaOf(this.server, 'admin', this.server.adminToken);
    return (await must(admin.api('GET', '/api/sallyport/v1/audit?per_page=1'))).entries[0];
  }
}

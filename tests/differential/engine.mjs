// The engine, as the process cairn_differential: a line of JSON for each command, and for its
// reply. One command at a time. When the process ends or does not reply, the command fails with
// Crash, and the next one starts another process.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

import {answer} from './host.mjs';
import {encodeIndex, encodeRequest, valueText} from './json.mjs';

const REPLY_MS = 30_000;

export class Crash extends Error {}

// A step as the command that does it.
export function commandOf(step) {
  switch (step.do) {
    case 'apply':
      return {
        do: 'apply',
        mutations: step.mutations.map(
            ([op, key, value]) =>
                (op === 'delete' ? [op, valueText(key)] : [op, valueText(key), valueText(value)]))
      };
    case 'ensure': return {do: 'ensure', request: JSON.stringify(encodeIndex(step.index))};
    case 'load': return {do: 'load', request: JSON.stringify(encodeRequest(step.query))};
  }
  return step;
}

export class Engine {
  constructor(program) {
    this.program = program;
  }

  start() {
    // In a time zone of its own, so that whatever should come from the host shows.
    this.process =
        spawn(this.program, [], {env: {...process.env, TZ: 'Pacific/Chatham', LC_ALL: 'C'}});
    this.errors = '';
    this.process.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-4000);
    });
    this.process.stdin.on('error', () => {});
    this.process.on('error', (error) => this.ended(`it cannot be run: ${error.message}`));
    this.process.on('close', (code, signal) => this.ended(`it ended with ${signal ?? code}`));
    createInterface({
      input: this.process.stdout
    }).on('line', (line) => this.settle('resolve', line));
  }

  ended(how) {
    const {errors} = this;
    this.process = null;
    this.settle('reject', new Crash(`the engine's process: ${how}\n${errors}`));
  }

  settle(how, what) {
    const {waiting} = this;
    this.waiting = null;
    waiting?.[how](what);
  }

  // Writes a line and gives the next one that comes, as JSON.
  async exchange(line) {
    if (!this.process) this.start();
    const running = this.process;
    const timer = setTimeout(() => running.kill('SIGKILL'), REPLY_MS);
    try {
      return JSON.parse(await new Promise((resolve, reject) => {
        this.waiting = {resolve, reject};
        running.stdin.write(`${line}\n`);
      }));
    } finally {
      clearTimeout(timer);
    }
  }

  async open(kind) {
    const {error} = await this.perform({do: 'open', kind});
    if (error) throw new Error(`cannot open a database: ${error.status}: ${error.message}`);
  }

  // Does a step; gives the reply, and the questions that came on the way.
  async perform(step) {
    const questions = [];
    let reply = await this.exchange(JSON.stringify(commandOf(step)));
    while (reply.question) {
      questions.push(reply.question);
      reply = await this.exchange(JSON.stringify({values: answer(reply.question)}));
    }
    return {...reply, questions};
  }

  async stop() {
    if (!this.process) return;
    const {left} = await this.perform({do: 'close'});
    this.process.stdin.end();
    if (left !== 0) throw new Error(`${left} objects of the library are left`);
  }
}

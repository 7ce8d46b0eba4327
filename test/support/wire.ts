/** A raw client whose test says when what is sent, and looks at every byte that came. */
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { MessageReader, type SeenMessage } from './raw-http.ts';
import { until } from './until.ts';

/** A connection whose every byte is kept. */
export class Wire {
  readonly socket: Socket;
  text = '';
  closed = false;
  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
    });
    this.socket.on('error', () => {});
    this.socket.on('end', () => {
      this.closed = true;
    });
    this.socket.on('close', () => {
      this.closed = true;
    });
  }
  send(text: string): void {
    this.socket.write(text, 'latin1');
  }
  async sees(part: string): Promise<void> {
    await until(() => this.text.includes(part) || this.closed);
    expect(this.text).to.include(part);
  }
  async ends(): Promise<void> {
    await until(() => this.closed);
  }
  /** The answers that came, in order. */
  answers(methods: readonly string[]): SeenMessage[] {
    let rest = Buffer.from(this.text, 'latin1');
    return methods.map((method) => {
      const reader = new MessageReader('answer', method);
      reader.push(rest);
      rest = Buffer.from(reader.rest);
      return reader.result();
    });
  }
}

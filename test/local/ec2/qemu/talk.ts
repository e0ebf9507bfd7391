/** Asks a guest that runs test/guest/service.c with `talk`, by UDP: again until it answers, since datagrams get lost. */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';

const AGAIN_MS = 5_000;

export class Talk {
  readonly #socket: Socket = createSocket('udp4');
  readonly #address: string;
  readonly #port: number;
  #asked = 0;

  constructor(address: string, port: number) {
    this.#address = address;
    this.#port = port;
  }

  /** Answers carry the number of what was asked: one that comes twice is not taken for the next. */
  async ask(text: string): Promise<string> {
    const number = `${(this.#asked += 1)} `;
    const { promise, resolve } = Promise.withResolvers<string>();
    const hear = (answer: Buffer) => {
      const heard = answer.toString('latin1');
      if (heard.startsWith(number)) resolve(heard.slice(number.length));
    };
    const send = () => this.#socket.send(number + text, this.#port, this.#address);
    this.#socket.on('message', hear);
    const again = setInterval(send, AGAIN_MS);
    send();
    return promise.finally(() => {
      clearInterval(again);
      this.#socket.off('message', hear);
    });
  }

  close(): void {
    this.#socket.close();
  }
}

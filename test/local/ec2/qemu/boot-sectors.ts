/**
 * Disks that boot: a hand-made sector each, as a BIOS loads it to 0x7C00 in 16-bit mode. Each says something on the serial
 * port (COM1, 0x3F8) and then does one thing.
 */
import { Buffer } from 'node:buffer';

export type Doing =
  /** Waits for ever. */
  | 'halt'
  /** Writes SLP_EN to the PIIX4's power management port, as ACPI's S5 does. */
  | 'off'
  /** Pulses the reset line through the keyboard controller. */
  | 'reset'
  /** Says it again and again, as fast as it can. */
  | 'flood'
  /** Powers off if it was booted from an ISA IDE disk's controller port that answers; see `pickySector`. */
  | 'spin';

const ORIGIN = 0x7c00;

/** Bytes and labels, put together with short jumps resolved. */
class Code {
  readonly #bytes: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { readonly at: number; readonly to: string }[] = [];
  readonly #addresses: { readonly at: number; readonly to: string }[] = [];

  hex(text: string): this {
    this.#bytes.push(...Buffer.from(text.replaceAll(' ', ''), 'hex'));
    return this;
  }

  text(text: string): this {
    this.#bytes.push(...Buffer.from(text, 'latin1'));
    return this;
  }

  label(name: string): this {
    this.#labels.set(name, this.#bytes.length);
    return this;
  }

  /** A jump's opcode and its 8-bit distance. */
  jump(opcode: string, to: string): this {
    this.hex(opcode);
    this.#jumps.push({ at: this.#bytes.length, to });
    return this.hex('00');
  }

  /** An opcode and a 16-bit address. */
  address(opcode: string, to: string): this {
    this.hex(opcode);
    this.#addresses.push({ at: this.#bytes.length, to });
    return this.hex('0000');
  }

  sector(): Buffer {
    const sector = Buffer.alloc(512);
    Buffer.from(this.#bytes).copy(sector);
    for (const { at, to } of this.#jumps) sector.writeInt8(this.#at(to) - (at + 1), at);
    for (const { at, to } of this.#addresses) sector.writeUInt16LE(ORIGIN + this.#at(to), at);
    sector.writeUInt16LE(0xaa55, 510);
    return sector;
  }

  #at(label: string): number {
    const at = this.#labels.get(label);
    if (at === undefined) throw new Error(`no label ${label}`);
    return at;
  }
}

const DOING: Readonly<Record<Doing, (code: Code) => Code>> = {
  halt: (code) => code,
  // mov dx,0x604; mov ax,0x2000; out dx,ax
  off: (code) => code.hex('ba 04 06 b8 00 20 ef'),
  // mov al,0xfe; out 0x64,al
  reset: (code) => code.hex('b0 fe e6 64'),
  flood: (code) => code.jump('eb', 'again'),
  spin: (code) => code.jump('eb', 'here'),
};

/** cli; xor ax,ax; mov ds,ax; then `say`: writes the bytes at `text`, waiting for the port each time; then what it does. */
export function bootSector(text: string, doing: Doing): Buffer {
  const code = new Code()
    .hex('fa 31 c0 8e d8')
    .label('again')
    .address('be', 'text')
    .label('next')
    // lodsb; test al,al; jz said; mov ah,al; mov dx,0x3fd
    .hex('ac 84 c0')
    .jump('74', 'said')
    .hex('88 c4 ba fd 03')
    // in al,dx; test al,0x20; jz wait
    .label('wait')
    .hex('ec a8 20')
    .jump('74', 'wait')
    // mov al,ah; mov dx,0x3f8; out dx,al
    .hex('88 e0 ba f8 03 ee')
    .jump('eb', 'next')
    .label('said')
    .label('here');
  // hlt; jmp back
  return DOING[doing](code).label('rest').hex('f4').jump('eb', 'rest').label('text').text(`${text}\0`).sector();
}

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
  /** Sends a packet, then goes off. Its network card has to be an RTL8139. */
  | 'send, then off'
  /** Pulses the reset line through the keyboard controller. */
  | 'reset'
  /** Says it again and again, as fast as it can. */
  | 'flood'
  | 'spin'
  /** Writes its own sector over the disk's second one, by the BIOS, then says it again, and so on. */
  | 'write'
  /** Goes off unless it finds an IDE disk; with one, it sends a packet and stays. RTL8139, too. */
  | 'want ide';

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

/** mov dx,0x604; mov ax,0x2000; out dx,ax; hlt, since the machine runs on for an instant */
const powerOff = (code: Code) => code.hex('ba 04 06 b8 00 20 ef f4');

/** Sends the 64 bytes at 0x7C00 through the first RTL8139 of the PCI bus (its datasheet: CR 0x37, TSAD0 0x20, TSD0 0x10). */
const send = (code: Code) =>
  code
    // mov ebx,0x80000000: the configuration address of the first device
    .hex('66 bb 00 00 00 80')
    .label('device')
    // mov eax,ebx; mov dx,0xcf8; out dx,eax; mov dl,0xfc; in eax,dx; cmp eax,0x813910ec; je found
    .hex('66 89 d8 ba f8 0c 66 ef b2 fc 66 ed 66 3d ec 10 39 81')
    .jump('74', 'found')
    // add ebx,0x800; jmp device
    .hex('66 81 c3 00 08 00 00')
    .jump('eb', 'device')
    .label('found')
    // its command register: mov eax,ebx; or al,4; mov dl,0xf8; out dx,eax; mov dl,0xfc; mov ax,7; out dx,ax
    .hex('66 89 d8 0c 04 b2 f8 66 ef b2 fc b8 07 00 ef')
    // its ports: mov eax,ebx; or al,0x10; mov dl,0xf8; out dx,eax; mov dl,0xfc; in eax,dx; and al,0xfc; mov si,ax
    .hex('66 89 d8 0c 10 b2 f8 66 ef b2 fc 66 ed 24 fc 89 c6')
    // lea dx,[si+0x37]; mov al,0x0c; out dx,al; lea dx,[si+0x20]; mov eax,0x7c00; out dx,eax
    .hex('8d 54 37 b0 0c ee 8d 54 20 66 b8 00 7c 00 00 66 ef')
    // lea dx,[si+0x10]; mov eax,64; out dx,eax
    .hex('8d 54 10 66 b8 40 00 00 00 66 ef');

const DOING: Readonly<Record<Doing, (code: Code) => Code>> = {
  halt: (code) => code,
  off: powerOff,
  'send, then off': (code) => powerOff(send(code)),
  // mov al,0xfe; out 0x64,al
  reset: (code) => code.hex('b0 fe e6 64'),
  flood: (code) => code.jump('eb', 'again'),
  // mov es,ax (0) by way of xor ax,ax; mov ax,0x0301; mov cx,2; mov dx,0x80; mov bx,0x7c00; int 0x13
  write: (code) => code.hex('31 c0 8e c0 b8 01 03 b9 02 00 ba 80 00 bb 00 7c cd 13').jump('eb', 'again'),
  spin: (code) => code.jump('eb', 'here'),
  // mov dx,0x1f7; in al,dx; test al,0x40 (ready); jnz fine
  'want ide': (code) => send(powerOff(code.hex('ba f7 01 ec a8 40').jump('75', 'fine')).label('fine')),
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

/** DER of the two halves of an IEEE P1363 signature: r and s of 32 bytes, hex. */
export function derOf(p1363: string): string {
  const integers = [p1363.slice(0, 64), p1363.slice(64)].map((half) => {
    const stripped = half.replace(/^(?:00)+(?=..)/, '');
    const hex = Number.parseInt(stripped.slice(0, 2), 16) >= 0x80 ? `00${stripped}` : stripped;
    return `02${byte(hex.length / 2)}${hex}`;
  });
  return `30${byte(integers.join('').length / 2)}${integers.join('')}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

import { encode } from 'uqr';

const namespace = 'http://www.w3.org/2000/svg';

/** Returns a QR code as a picture, black on white in every theme, because scanners need the contrast. */
export function qrCode(text: string, label: string): SVGSVGElement {
  const { data, size } = encode(text, { border: 4 });
  const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')));
  const picture = document.createElementNS(namespace, 'svg');
  const attributes = { viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' };
  for (const [name, value] of Object.entries(attributes)) picture.setAttribute(name, value);
  picture.append(
    part('rect', { width: String(size), height: String(size), fill: '#fff' }),
    part('path', { d: squares.join(''), fill: '#000' }),
  );
  return picture;
}

function part(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(namespace, name);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A double in the shortest form that reads back as it, as Go writes it: with an exponent from a million on and below a ten-thousandth. */
export function goFloat(number: number): string {
  if (Number.isNaN(number)) return 'NaN'
  if (!Number.isFinite(number)) return number > 0 ? '+Inf' : '-Inf'
  if (number === 0) return Object.is(number, -0) ? '-0' : '0'
  const [mantissa = '', exponent = ''] = number.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(number)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityMessage,
  subtractQuantities,
} from '../../meta/quantity.ts'
import { define, type Overload } from '../define.ts'
import { QuantityValue } from '../own-types.ts'
import { Fault, isInt64 } from '../values.ts'

const nanos = 1_000_000_000n

function read(text: string): QuantityValue | undefined {
  try {
    return new QuantityValue(parseQuantity(text))
  } catch {
    return undefined
  }
}

const ofInt = (units: bigint): Quantity => ({ nano: units * nanos, format: 'decimal' })
const isWhole = ({ quantity: { nano } }: QuantityValue): boolean => nano % nanos === 0n && isInt64(nano / nanos)

export const quantities = (): readonly Overload[] =>
  [
    define('quantity(string) Quantity', (text) => read(text) ?? new Fault(quantityMessage)),
    define('isQuantity(string) bool', (text) => read(text) !== undefined),
    define('Quantity.sign() int', ({ quantity: { nano } }) => (nano > 0n ? 1n : nano < 0n ? -1n : 0n)),
    define('Quantity.isInteger() bool', isWhole),
    define('Quantity.asInteger() int', (value) =>
      isWhole(value) ? value.quantity.nano / nanos : new Fault('cannot convert value to integer'),
    ),
    define('Quantity.asApproximateFloat() double', ({ quantity: { nano } }) => Number(nano) / 1e9),
    define('Quantity.isGreaterThan(Quantity) bool', (a, b) => compareQuantities(a.quantity, b.quantity) > 0),
    define('Quantity.isLessThan(Quantity) bool', (a, b) => compareQuantities(a.quantity, b.quantity) < 0),
    define('Quantity.compareTo(Quantity) int', (a, b) => BigInt(compareQuantities(a.quantity, b.quantity))),
    define('Quantity.add(Quantity) Quantity', (a, b) => new QuantityValue(addQuantities(a.quantity, b.quantity))),
    define('Quantity.add(int) Quantity', (a, b) => new QuantityValue(addQuantities(a.quantity, ofInt(b)))),
    define('Quantity.sub(Quantity) Quantity', (a, b) => new QuantityValue(subtractQuantities(a.quantity, b.quantity))),
    define('Quantity.sub(int) Quantity', (a, b) => new QuantityValue(subtractQuantities(a.quantity, ofInt(b)))),
    define('string(Quantity) string', ({ quantity }) => formatQuantity(quantity)),
  ].map((overload) => ({
    ...overload,
    run(args, budget) {
      const [text] = args
      budget.pay(1)
      if (typeof text === 'string') budget.payForText(text.length)
      return overload.run(args, budget)
    },
  }))

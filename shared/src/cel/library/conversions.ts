import { define, type Overload } from '../define.ts'
import { Fault, TypeValue, typeNameOf, type Uint } from '../values.ts'
import { goFloat } from './go-float.ts'
import { checkedInt, checkedUint } from './operators.ts'
import { showDuration, showTimestamp, nanosPerSecond, floorMod } from './time-texts.ts'

const longestNumber = 400

const notA = (type: string, text: string) =>
  new Fault(`type conversion error from string to ${type}: parsing "${text.slice(0, 100)}": invalid syntax`)

export const conversions = (): readonly Overload[] =>
  [...toNumbers(), ...toTexts(), ...others()].map((overload) => ({
    ...overload,
    run(args, budget) {
      budget.pay(1)
      return overload.run(args, budget)
    },
  }))

function wholeOf(number: number, check: (value: bigint) => bigint | Uint | Fault): bigint | Uint | Fault {
  return Number.isFinite(number) ? check(BigInt(Math.trunc(number))) : new Fault('integer overflow')
}

function toNumbers(): readonly Overload[] {
  return [
    define('int(int) int', (value) => value),
    define('int(uint) int', ({ value }) => checkedInt(value)),
    define('int(double) int', (number) => wholeOf(number, checkedInt)),
    define('int(string) int', (text) =>
      /^[-+]?\d+$/.test(text.slice(0, longestNumber)) && text.length < longestNumber
        ? checkedInt(BigInt(text.replace(/^\+/, '')))
        : notA('int', text),
    ),
    define('int(timestamp) int', ({ nanos }) => (nanos - floorMod(nanos, nanosPerSecond)) / nanosPerSecond),
    define('int(duration) int', ({ nanos }) => nanos),
    define('uint(uint) uint', (value) => value),
    define('uint(int) uint', (value) => checkedUint(value)),
    define('uint(double) uint', (number) => wholeOf(number, checkedUint)),
    define('uint(string) uint', (text) =>
      /^\d+$/.test(text.slice(0, longestNumber)) && text.length < longestNumber ? checkedUint(BigInt(text)) : notA('uint', text),
    ),
    define('double(double) double', (value) => value),
    define('double(int) double', (value) => Number(value)),
    define('double(uint) double', ({ value }) => Number(value)),
    define('double(string) double', (text) => {
      if (text.length < longestNumber && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text)
      const named = /^([-+]?)(?:inf|infinity|(nan))$/i.exec(text.slice(0, 20))
      return named === null ? notA('double', text) : named[2] === undefined ? Number(`${named[1]}Infinity`) : Number.NaN
    }),
  ]
}

function toTexts(): readonly Overload[] {
  return [
    define('string(string) string', (value) => value),
    define('string(int) string', (value) => String(value)),
    define('string(uint) string', ({ value }) => String(value)),
    define('string(double) string', (value) => goFloat(value)),
    define('string(bool) string', (value) => String(value)),
    define('string(bytes) string', (value, budget) => {
      budget.payForText(value.length)
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
      } catch {
        return new Fault('invalid UTF-8 in bytes, cannot convert to string')
      }
    }),
    define('string(timestamp) string', (value) => showTimestamp(value)),
    define('string(duration) string', (value) => showDuration(value)),
    define('bytes(bytes) bytes', (value) => value),
    define('bytes(string) bytes', (text, budget) => {
      budget.payForText(text.length)
      return Buffer.from(text)
    }),
  ]
}

const truths: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ '0': false, f: false, F: false, false: false, FALSE: false, False: false },
}

function others(): readonly Overload[] {
  return [
    define('bool(bool) bool', (value) => value),
    define('bool(string) bool', (text) => (Object.hasOwn(truths, text) ? (truths[text] ?? false) : notA('bool', text))),
    define('dyn(A) dyn', (value) => value),
    define('type(A) type<A>', (value) => new TypeValue(typeNameOf(value))),
  ]
}

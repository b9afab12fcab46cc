import { formatQuantity, parseQuantity } from '@bramble/shared/meta/quantity.ts'
import { readOrTold, same } from '../refusals.ts'
import { defineTarget } from '../target.ts'

export const quantities = defineTarget({
  name: 'quantities',
  seeds: ['1', '0.5', '100m', '64Mi', '1e3', '1E-9', '-1.5Gi', '+12n', '.5', '5.', '9223372036854775807', '1Ei'],
  words: ['e', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', '-', '+', '.', '0', '9'],
  open: () => (input) => {
    const text = input.toString()
    const quantity = readOrTold(() => parseQuantity(text), /quantities must match|unable to parse quantity/)
    if (quantity === undefined) return
    const written = formatQuantity(quantity)
    same('a quantity that was written again', formatQuantity(parseQuantity(written)), written)
  },
})

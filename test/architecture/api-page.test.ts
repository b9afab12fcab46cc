import { expect, test } from 'vitest'
import { apiPage } from './api-page.ts'

test('docs/api.md says what the kinds say: make it anew with npm run api-page', async () => {
  await expect(apiPage()).toMatchFileSnapshot('../../docs/api.md')
})

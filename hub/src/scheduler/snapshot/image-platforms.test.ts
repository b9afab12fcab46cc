import { expect, test } from 'vitest'
import { canonicalImage } from './image-platforms.ts'

test.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['busybox:1', 'docker.io/library/busybox:1'],
  ['grafana/grafana:11', 'docker.io/grafana/grafana:11'],
  ['docker.io/library/x:1', 'docker.io/library/x:1'],
  ['ghcr.io/home/app', 'ghcr.io/home/app:latest'],
  ['localhost/test:e2e', 'localhost/test:e2e'],
  ['registry:5000/app', 'registry:5000/app:latest'],
  ['busybox@sha256:abc', 'docker.io/library/busybox@sha256:abc'],
])('%s is known to the runtime as %s', (image, canonical) => {
  expect(canonicalImage(image)).toBe(canonical)
})

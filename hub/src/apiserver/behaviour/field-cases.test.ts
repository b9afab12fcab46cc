import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

/** The inputs that failed in the field stand beside the clone. */
const documentsOf = (name: string): readonly string[] =>
  readFileSync(new URL(`../../../../../shared/field-cases/${name}`, import.meta.url), 'utf8').split(/^---$/m)

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 't' } }

it.each(['empty-enums.yaml', 'empty-strings-run.yaml'])(
  'every pod of %s is stored with the defaults in place of its empty strings',
  async (name) => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/namespaces', { body: namespace })
    for (const body of documentsOf(name)) {
      const created = await json('POST', '/api/v1/namespaces/t/pods', { body, contentType: 'application/yaml' })
      expect(created.code, JSON.stringify(created.body)).toBe(201)
      const { spec } = created.body
      expect(spec).toMatchObject({ schedulerName: 'default-scheduler', dnsPolicy: 'ClusterFirst', serviceAccountName: 'default' })
      expect(spec.restartPolicy).toMatch(/^(Always|Never)$/)
      for (const field of ['hostname', 'subdomain', 'nodeName', 'priorityClassName']) expect(spec).not.toHaveProperty(field)
      const [container] = spec.containers
      expect(container).toMatchObject({
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      })
      expect(container).not.toHaveProperty('workingDir')
      expect(JSON.stringify(spec)).not.toMatch(/:""/)
    }
  },
)

import { describe, expect, it } from 'vitest'
import { type CertificateSigningRequest, certificateSigningRequests } from './certificate-signing-request.ts'
import { created, refusals, row, updated, updateRefusals } from './rules/testing.ts'

const metadata = { name: 'jo' }
const spec = { request: 'YQ==', signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] }
const of = (change: object = {}) => ({ metadata, spec: { ...spec, ...change } })

describe('a CertificateSigningRequest', () => {
  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [{ usages: undefined }, ['spec.usages: Required value']],
    [{ usages: ['any', 'signing', 'any'] }, ['spec.usages[2]: Duplicate value: "any"']],
    [
      { expirationSeconds: 599 },
      ['spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)'],
    ],
    [{ signerName: '' }, ['spec.signerName: Required value']],
    [
      { signerName: 'kubernetes.io/legacy-unknown' },
      ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'],
    ],
    ...['signer', 'a/b/c'].map((signerName): [object, readonly unknown[]] => [
      { signerName },
      [`spec.signerName: Invalid value: "${signerName}": must be a fully qualified domain and path of the form 'example.com/signer-name'`],
    ]),
    [
      { signerName: 'example/Signer' },
      [
        'spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots',
        expect.stringContaining('spec.signerName: Invalid value: "Signer": validating label "Signer": a lowercase RFC 1123 subdomain'),
      ],
    ],
    [{ signerName: 'example.com/ns.issuer.v1' }, []],
  ])('%j is told: %j', (change, errors) => {
    expect(refusals(certificateSigningRequests, of(change))).toEqual(errors)
  })

  it('is never issued when it is made, and asks for the same ever after', () => {
    const before = created(certificateSigningRequests, { ...of(), status: { certificate: 'YQ==' } })
    expect(before.status).toBeUndefined()
    const after = updated(certificateSigningRequests, before, (next) => {
      next.spec = { ...next.spec, signerName: 'example.com/other' }
      next.status = { conditions: [{ type: 'Approved', status: 'True' }] }
    })
    const now = '2026-01-02T03:04:05Z'
    expect(after).toMatchObject({ spec, status: { conditions: [{ type: 'Approved', lastUpdateTime: now, lastTransitionTime: now }] } })
  })

  it.each<[readonly object[], readonly string[]]>([
    [[{ type: 'Approved', status: 'True' }], []],
    [[{ type: 'Approved', status: 'False' }], ['status.conditions[0].status: Unsupported value: "False": supported values: "True"']],
    [
      [
        { type: '', status: '' },
        { type: 'Odd', status: 'Yes' },
      ],
      [
        'status.conditions[0].type: Required value',
        'status.conditions[0].status: Required value',
        'status.conditions[1].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
      ],
    ],
    [
      [
        { type: 'Approved', status: 'True' },
        { type: 'Denied', status: 'True' },
        { type: 'Denied', status: 'True' },
      ],
      [
        'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
        'status.conditions[2].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
        'status.conditions[2].type: Duplicate value: "Denied"',
      ],
    ],
  ])('is refused conditions that contradict themselves: %j', (conditions, errors) => {
    const before = created(certificateSigningRequests, of())
    const status = { conditions } as CertificateSigningRequest['status'] // as they come from outside
    expect(updateRefusals(certificateSigningRequests, before, (next) => Object.assign(next, { status }))).toEqual(errors)
  })

  it('is printed with who asks and what became of it', () => {
    const request = created(certificateSigningRequests, of({ expirationSeconds: 86_400, username: 'jo' }))
    const shown = (status: CertificateSigningRequest['status']) =>
      row(certificateSigningRequests, { ...request, ...(status && { status }) })
    expect(shown(undefined)).toEqual(['jo', undefined, spec.signerName, 'jo', '24h', 'Pending'])
    const approved = { type: 'Approved', status: 'True' }
    expect(shown({ conditions: [approved], certificate: 'YQ==' }).at(-1)).toBe('Approved,Issued')
    expect(
      shown({
        conditions: [
          { ...approved, type: 'Denied' },
          { ...approved, type: 'Failed' },
        ],
      }).at(-1),
    ).toBe('Denied,Failed')
  })
})

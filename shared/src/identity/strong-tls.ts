/**
 * What a connection of ours is at least, at both ends: TLS 1.2 with forward secrecy and ciphers that prove what they carry (CIS Kubernetes
 * Benchmark 1.2.29, RFC 9325 4.2). The order is Node's own, which is the server's choice.
 */
export const strongTls = {
  minVersion: 'TLSv1.2',
  ciphers: [
    ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ...['ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ].join(':'),
} as const

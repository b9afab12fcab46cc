import { roles } from '../manifests.ts'
import type { Group } from '../step.ts'

/** Who am I and what may I, and certificates for others. */
export const auth: Group = {
  name: 'auth',
  steps: [
    { run: 'auth can-i create pods', out: 'yes\n' },
    { run: 'auth can-i get pods/log --as=jo', code: 1, out: 'no\n' },
    { run: "auth can-i '*' '*'", out: 'yes\n' },
    { run: 'auth can-i get /metrics', out: 'yes\n' },
    { run: 'auth can-i --list', out: /^Resources +Non-Resource URLs +Resource Names +Verbs\n\*\.\* +\[\] +\[\] +\[\*\]\n/ },
    { run: 'auth whoami -o jsonpath={.status.userInfo.username}', since: '1.31', out: 'bramble:admin' },
    { run: 'alpha auth whoami -o jsonpath={.status.userInfo.username}', until: '1.26', out: 'bramble:admin', err: /^$/ },
    {
      run: 'auth reconcile -f -',
      input: roles('auth'),
      out: 'role.rbac.authorization.k8s.io/reader reconciled\nrolebinding.rbac.authorization.k8s.io/readers reconciled\n',
      err: /^\treconciliation required create\n\tmissing rules added:\n/,
    },
    { run: 'auth reconcile -f -', input: roles('auth'), out: /reader (reconciled|unchanged)\n/ },
    { run: 'auth can-i list pods --as=jo', out: 'yes\n' },
    { run: 'get pods --as=jo --as-group=team', out: '', err: /^No resources found/ },
    {
      run: 'delete role reader --as=jo',
      code: 1,
      err: /User "jo" cannot delete resource "roles" in API group "rbac.authorization.k8s.io"/,
    },
    { run: 'get pods --as-group=team', code: 1, err: /without impersonating a user/ },
    { run: 'create serviceaccount robot', out: 'serviceaccount/robot created\n' },
    { run: 'create token robot --duration=10m --audience=vault', out: /^[-\w]+\.[-\w]+\.[-\w]+\n?$/ },
    { run: 'create token robot --duration=1m', code: 1, err: /may not specify a duration less than 10 minutes/ },
    { run: 'create token nobody', code: 1, err: /serviceaccounts "nobody" not found/ },
    { run: 'get roles -o name', out: 'role.rbac.authorization.k8s.io/reader\n' },
    { run: 'describe role reader', out: /^ {2}pods +\[\] +\[\] +\[get list\]\n/m },
    { run: 'describe rolebinding readers', out: /^ {2}User +jo +\n/m },
  ],
}

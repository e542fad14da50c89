import { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import { everythingIn, type Observed } from './observed.ts';

/** Alarms and the dashboard, on all that the stack has by then: make it last. */
export class Observability extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: Omit<Observed, 'functions' | 'machines'> & { readonly email: string | undefined },
  ) {
    super(scope, id);
    const { email, ...others } = props;
    const observed = { ...others, ...everythingIn(this) };
    const { alarms } = new Alarms(this, 'Alarms', { observed, email });
    new Dashboard(this, 'Dashboard', { observed, alarms });
  }
}

package refvault

import (
	"fmt"
	"strings"
)

const (
	defaultMonths     = 12
	maxMonths         = 1200
	defaultPercentage = 80
	// daysPerMonth bounds days_before_expiry by the validity.
	daysPerMonth = 27
)

// complete fills in the defaults of a policy and refuses what cannot be met.
func (p *policy) complete() error {
	steps := []struct {
		member string
		check  func() error
	}{
		{"policy.issuer", p.completeIssuer},
		{"policy.key_props", p.completeKey},
		{"policy.secret_props", p.completeSecret},
		{"policy.x509_props", p.completeX509},
		{"policy.lifetime_actions", p.completeLifetime},
	}
	for _, step := range steps {
		if err := step.check(); err != nil {
			return badParameter("The member %s is not valid: %v.", step.member, err)
		}
	}
	return nil
}

func (p *policy) completeIssuer() error {
	if p.Issuer == nil {
		p.Issuer = &issuerParameters{}
	}
	if p.Issuer.Name == "" {
		p.Issuer.Name = issuerUnknown
	}
	return nil
}

func (p *policy) completeKey() error {
	if p.KeyProps == nil {
		p.KeyProps = &keyProps{}
	}
	k := p.KeyProps
	if k.Type == "" {
		k.Type = "RSA"
		if k.Curve != "" {
			k.Type = "EC"
		}
	}
	hardware := strings.HasSuffix(k.Type, "-HSM")
	var err error
	switch k.Type {
	case "RSA", "RSA-HSM":
		err = k.completeRSA()
	case "EC", "EC-HSM":
		err = k.completeEC()
	default:
		err = fmt.Errorf("no certificate has a key of the kind %q", k.Type)
	}
	if err != nil {
		return err
	}
	if k.Exportable == nil {
		exportable := !hardware
		k.Exportable = &exportable
	}
	if hardware && *k.Exportable {
		return fmt.Errorf("a key of the kind %s cannot be exportable", k.Type)
	}
	if k.ReuseKey == nil {
		k.ReuseKey = new(bool)
	}
	return nil
}

func (k *keyProps) completeRSA() error {
	if k.Curve != "" {
		return fmt.Errorf("an RSA key has no curve")
	}
	if k.Size == nil {
		bits := defaultBits
		k.Size = &bits
	}
	if !isRSASize(*k.Size) {
		return fmt.Errorf("an RSA key has 2048, 3072 or 4096 bits, not %d", *k.Size)
	}
	return nil
}

func (k *keyProps) completeEC() error {
	if k.Curve == "" {
		k.Curve = "P-256"
		for _, c := range curves() {
			if k.Size != nil && c.curve != nil && c.bits == *k.Size {
				k.Curve = c.name
			}
		}
	}
	curve, known := curveNamed(k.Curve)
	if !known {
		return fmt.Errorf("the curve %q is not known", k.Curve)
	}
	if k.Size == nil {
		k.Size = &curve.bits
	}
	if *k.Size != curve.bits {
		return fmt.Errorf("a key on the curve %s has %d bits, not %d", curve.name, curve.bits, *k.Size)
	}
	return nil
}

func (p *policy) completeSecret() error {
	if p.SecretProps == nil {
		p.SecretProps = &secretProps{}
	}
	switch p.SecretProps.ContentType {
	case "":
		p.SecretProps.ContentType = contentPKCS12
	case contentPKCS12, contentPEM:
	default:
		return fmt.Errorf("the content type %q is neither %s nor %s", p.SecretProps.ContentType, contentPKCS12, contentPEM)
	}
	return nil
}

func (p *policy) completeX509() error {
	x := p.X509Props
	if x == nil {
		return fmt.Errorf("there is neither a subject nor an alternative name")
	}
	if strings.TrimSpace(x.Subject) == "" && x.SANs.empty() {
		return fmt.Errorf("there is neither a subject nor an alternative name")
	}
	if _, err := encodeSubject(x.Subject); err != nil {
		return fmt.Errorf("the subject is not an X.500 name: %w", err)
	}
	if x.SANs != nil {
		if _, err := generalNames(x.SANs); err != nil {
			return err
		}
	}
	if x.EKUs == nil {
		x.EKUs = []string{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"} // server and client authentication
	}
	for _, eku := range x.EKUs {
		if _, err := parseOID(eku); err != nil {
			return err
		}
	}
	if x.KeyUsage == nil {
		x.KeyUsage = []string{"digitalSignature", "keyEncipherment"}
	}
	var err error
	if x.KeyUsage, err = canonicalKeyUsages(x.KeyUsage); err != nil {
		return err
	}
	if x.ValidityMonths == nil || *x.ValidityMonths == 0 {
		months := defaultMonths
		x.ValidityMonths = &months
	}
	if *x.ValidityMonths < 0 || *x.ValidityMonths > maxMonths {
		return fmt.Errorf("a validity of %d months is not within 1 to %d", *x.ValidityMonths, maxMonths)
	}
	// The vault makes no CA certificates, whatever is asked for.
	x.BasicConstraints = &basicConstraints{}
	return nil
}

func (p *policy) completeLifetime() error {
	if p.LifetimeActions == nil {
		p.LifetimeActions = []lifetimeAction{defaultAction(p.Issuer.Name)}
	}
	if len(p.LifetimeActions) > 1 {
		return fmt.Errorf("there can be one action, not %d", len(p.LifetimeActions))
	}
	for i := range p.LifetimeActions {
		if err := p.LifetimeActions[i].check(*p.X509Props.ValidityMonths); err != nil {
			return err
		}
	}
	return nil
}

// defaultAction renews what the vault can have issued by itself and tells people of the rest.
func defaultAction(issuer string) lifetimeAction {
	percentage := defaultPercentage
	action := lifetimeAction{
		Trigger: lifetimeTrigger{Percentage: &percentage},
		Action:  lifetimeActionType{Type: actionAutoRenew},
	}
	if strings.EqualFold(issuer, issuerUnknown) {
		action.Action.Type = actionEmailContacts
	}
	return action
}

func (a *lifetimeAction) check(months int) error {
	switch {
	case strings.EqualFold(a.Action.Type, actionAutoRenew):
		a.Action.Type = actionAutoRenew
	case strings.EqualFold(a.Action.Type, actionEmailContacts):
		a.Action.Type = actionEmailContacts
	default:
		return fmt.Errorf("the action %q is neither %s nor %s", a.Action.Type, actionAutoRenew, actionEmailContacts)
	}
	percentage, days := a.Trigger.Percentage, a.Trigger.DaysBeforeExpiry
	if (percentage == nil) == (days == nil) {
		return fmt.Errorf("a trigger is either a percentage or a number of days")
	}
	if percentage != nil && (*percentage < 1 || *percentage > 99) {
		return fmt.Errorf("a lifetime percentage of %d is not within 1 to 99", *percentage)
	}
	if days != nil && (*days < 1 || *days > months*daysPerMonth) {
		return fmt.Errorf("%d days before expiry is not within 1 to %d", *days, months*daysPerMonth)
	}
	return nil
}

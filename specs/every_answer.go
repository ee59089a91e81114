package specs

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kvconform/kvconform/scenarios"
	"github.com/kvconform/kvconform/scenarios/vault"
	"github.com/kvconform/kvconform/schemas"
	"github.com/kvconform/kvconform/specs/match"
)

func everyAnswer(s *Suite) {
	everyOperation(s)
	everyBundle(s)
	everyError(s)
	everyForm(s)
	everyHeader(s)
	everyIdentifier(s)
	everyTime(s)
	everyLevel(s)
	everyOnce(s)
	everyCertificate(s)
	everyVersionKept(s)
	everyRoute(s)
}

// of tells the successes of some operations with a body.
func of(operations ...string) func(e *vault.Exchange) bool {
	return func(e *vault.Exchange) bool {
		return e.Succeeded() && slices.Contains(operations, e.Operation) && len(e.Response.Body) > 0
	}
}

// pendingOperations return a certificate operation.
func pendingOperations() []string {
	return []string{
		vault.CreateCertificate, vault.GetCertificateOperation, vault.UpdateCertificateOperation, vault.DeleteCertificateOperation,
	}
}

// bundleOperations return the bundle of a certificate that is not deleted.
func bundleOperations() []string {
	return []string{
		vault.GetCertificate, vault.UpdateCertificate, vault.ImportCertificate, vault.MergeCertificate,
		vault.RecoverDeletedCertificate, vault.RestoreCertificate,
	}
}

// deletedOperations return the bundle of a deleted certificate, where the vault has soft-delete.
func deletedOperations() []string {
	return []string{vault.DeleteCertificate, vault.GetDeletedCertificate}
}

func policyOperations() []string {
	return []string{vault.GetCertificatePolicy, vault.UpdateCertificatePolicy}
}

func anyBundle() func(e *vault.Exchange) bool {
	return of(append(bundleOperations(), deletedOperations()...)...)
}

// shaped judges that a body has the schema of a kind.
func (c *Check) shaped(e *vault.Exchange, kind schemas.Kind) {
	value, err := e.Response.JSON()
	if err != nil {
		c.Fail(e, "a body as "+string(kind)+" has it", err.Error())
	}
	if problems := c.Suite.Schemas.Check(kind, value); len(problems) > 0 {
		c.fails(e, "a body as "+string(kind)+" has it", problems)
	}
}

// fails ends the judging with what a schema found.
func (c *Check) fails(e *vault.Exchange, expected string, problems []schemas.Problem) {
	messages := make([]string, len(problems))
	for i, problem := range problems {
		messages[i] = problem.Message
		if problem.Got != "" {
			messages[i] += " (" + problem.Got + ")"
		}
	}
	c.finding.Breaches = nil
	for i, problem := range problems {
		aspect, header := aspectOf(problem)
		c.finding.Breaches = append(c.finding.Breaches, Breach{
			Aspect: aspect, Member: problem.Pointer, Header: header, Got: messages[i], Exchange: e, Count: 1,
		})
	}
	first := c.finding.Breaches[0]
	c.finding.Aspect, c.finding.Member, c.finding.Header = first.Aspect, first.Member, first.Header
	c.Fail(e, expected, strings.Join(messages, "; "))
}

// aspectOf is what of a response a problem of the OpenAPI document or of a schema is about.
func aspectOf(problem schemas.Problem) (aspect match.Aspect, header string) {
	if problem.Pointer != "" {
		return match.AspectBody, ""
	}
	if rest, ok := strings.CutPrefix(problem.Message, "header "); ok {
		header, _, _ = strings.Cut(rest, " ")
		return match.AspectHeader, header
	}
	if strings.HasPrefix(problem.Message, "the content type ") {
		return match.AspectHeader, "Content-Type"
	}
	if strings.Contains(problem.Message, "status") {
		return match.AspectStatus, ""
	}
	return match.AspectBody, ""
}

// kindOf is the kind of a response's body, found out once for all rules that ask.
func (c *Check) kindOf(e *vault.Exchange) (kind schemas.Kind, known bool) {
	type found struct {
		kind  schemas.Kind
		known bool
	}
	find := func() any {
		kind, known := c.Suite.Document.ResponseKind(asking(e, c.Facts), received(e))
		return found{kind, known}
	}
	type key struct {
		response               *vault.Response
		endpoint, base, judged string
	}
	made := c.derived(key{e.Response, c.Facts.Endpoint, c.Facts.IDBase, c.Facts.Expected()}, find)
	of := made.(found) //nolint:forcetypeassert // as made here
	return of.kind, of.known
}

// derived is what make derives of the play that is judged, made once by a key; a passing response has no play.
func (c *Check) derived(key any, make func() any) any {
	if c.performance == nil {
		return make()
	}
	return c.performance.Derived(key, make)
}

func everyOperation(s *Suite) {
	anyOperation := of(pendingOperations()...)
	each(s, "every-answer/operation", anyOperation, func(c *Check, e *vault.Exchange) {
		c.shaped(e, schemas.Operation)
	})
	for id, state := range map[string]struct {
		kind      schemas.Kind
		spellings []string
	}{
		"every-answer/operation-in-progress": {schemas.OperationInProgress, []string{vault.StateInProgress}},
		"every-answer/operation-completed":   {schemas.OperationCompleted, []string{vault.StateCompleted}},
		"every-answer/operation-cancelled":   {schemas.OperationCancelled, cancelledStates()},
		"every-answer/operation-failed":      {schemas.OperationFailed, []string{vault.StateFailed}},
	} {
		concerns := func(e *vault.Exchange) bool {
			return anyOperation(e) && scenarios.InState(e, state.spellings...)
		}
		each(s, id, concerns, func(c *Check, e *vault.Exchange) {
			c.shaped(e, state.kind)
			if state.kind == schemas.OperationInProgress && !ofSelf(e) {
				c.Expect(e, match.Present("csr"))
			}
		})
	}
	own := func(e *vault.Exchange) bool {
		return anyOperation(e) && scenarios.InState(e, vault.StateInProgress) && ofSelf(e)
	}
	each(s, "every-answer/self-operation-csr", own, func(c *Check, e *vault.Exchange) { c.Expect(e, match.Present("csr")) })
}

// ofSelf reports whether an operation is of the issuer Self, whose csr only recordings show.
func ofSelf(e *vault.Exchange) bool { return match.IssuerName("Self")(e) == nil }

func everyBundle(s *Suite) {
	each(s, "every-answer/certificate-bundle", of(bundleOperations()...), func(c *Check, e *vault.Exchange) {
		kind, ok := c.kindOf(e)
		c.Need(ok, "a response whose kind is known")
		c.shaped(e, kind)
	})
	each(s, "every-answer/deleted-certificate-bundle", of(deletedOperations()...), func(c *Check, e *vault.Exchange) {
		kind, ok := c.kindOf(e)
		c.Need(ok, "a response whose kind is known")
		c.shaped(e, kind)
	})
	each(s, "every-answer/policy-complete", func(e *vault.Exchange) bool { return policyPath(e) != nil }, func(c *Check, e *vault.Exchange) {
		for _, group := range []string{"key_props", "secret_props", "x509_props", "issuer", "attributes"} {
			c.Expect(e, match.Present(append(*policyPath(e), group)...))
		}
	})
	for id, kind := range map[string]struct {
		kind       schemas.Kind
		operations []string
	}{
		"every-answer/certificate-policy": {schemas.Policy, policyOperations()},
		"every-answer/certificate-list":   {schemas.List, []string{vault.GetCertificates, vault.GetCertificateVersions}},
		"every-answer/deleted-list":       {schemas.DeletedList, []string{vault.GetDeletedCertificates}},
		"every-answer/issuer-list":        {schemas.IssuerList, []string{vault.GetCertificateIssuers}},
		"every-answer/issuer-bundle": {schemas.Issuer, []string{
			vault.SetCertificateIssuer, vault.GetCertificateIssuer, vault.UpdateCertificateIssuer, vault.DeleteCertificateIssuer,
		}},
	} {
		each(s, id, of(kind.operations...), func(c *Check, e *vault.Exchange) { c.shaped(e, kind.kind) })
	}
	contacts := of(vault.SetCertificateContacts, vault.GetCertificateContacts, vault.DeleteCertificateContacts)
	each(s, "every-answer/contact-list", contacts, func(c *Check, e *vault.Exchange) {
		c.shaped(e, schemas.Contacts)
		c.Expect(e, match.ID(c.Facts.IDBase, "id", "certificates", "contacts"))
	})
	each(s, "every-answer/backup", of(vault.BackupCertificate), func(c *Check, e *vault.Exchange) { c.Expect(e, match.Text("value")) })
}

// refusal tells responses that refuse. A 401 has rules of its own: vaults of old sent it without a body.
func refusal(e *vault.Exchange) bool {
	return e.Status() >= 400 && e.Status() != http.StatusUnauthorized
}

func everyError(s *Suite) {
	each(s, "every-answer/error", refusal, func(c *Check, e *vault.Exchange) { c.shaped(e, schemas.ErrorBody) })
	each(s, "every-answer/error-code", refusal, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.Text("error", "code"))
	})
	each(s, "every-answer/error-inner", refusal, func(c *Check, e *vault.Exchange) {
		c.Need(hasInner(e), "a refusal with innererror")
		c.Expect(e, match.Member("to be an object", isObject, "error", "innererror"))
	})
	each(s, "every-answer/unauthorized-error", answering(http.StatusUnauthorized), func(c *Check, e *vault.Exchange) {
		c.shaped(e, schemas.ErrorBody)
	})
	each(s, "every-answer/no-server-fault", anything, func(c *Check, e *vault.Exchange) {
		if e.Status() >= 500 {
			c.finding.Aspect = match.AspectStatus
			c.Fail(e, "a response without an error of the server", fmt.Sprintf("status %d", e.Status()))
		}
	})
}

func hasInner(e *vault.Exchange) bool {
	problem, _ := e.Member("error").(map[string]any)
	return problem["innererror"] != nil
}

func answering(status int) func(e *vault.Exchange) bool {
	return func(e *vault.Exchange) bool { return e.Status() == status }
}

func anything(*vault.Exchange) bool { return true }

func hasBody(e *vault.Exchange) bool { return len(e.Response.Body) > 0 }

func everyForm(s *Suite) {
	each(s, "every-answer/declared", anything, func(c *Check, e *vault.Exchange) { c.declared(e) })
	each(s, "every-answer/content-type", hasBody, func(c *Check, e *vault.Exchange) { c.Accepts(e, match.MediaType()) })
	each(s, "every-answer/charset", hasBody, func(c *Check, e *vault.Exchange) { c.Accepts(e, match.Charset()) })
	each(s, "every-answer/well-formed", hasBody, func(c *Check, e *vault.Exchange) {
		c.Expect(e, match.JSON())
	})
	each(s, "every-answer/newer-members", hasBody, func(c *Check, e *vault.Exchange) {
		kind, ok := c.kindOf(e)
		c.Need(ok && !e.Request.Deliberate, "a response whose kind is known")
		value, err := e.Response.JSON()
		c.Need(err == nil, "a JSON body")
		version := apiVersionOf(e)
		if version == c.Facts.APIVersion {
			version = c.Facts.Expected()
		}
		if problems := c.Suite.Schemas.TooNew(kind, version, value); len(problems) > 0 {
			c.fails(e, "no member newer than "+version, problems)
		}
	})
}

// declared judges a response by the OpenAPI document: operation, status, headers and media type. What is wrong inside a
// body belongs to the rules of that body.
func (c *Check) declared(e *vault.Exchange) {
	if c.Suite.givenDocument != nil {
		if problems := c.Suite.givenDocument.CheckResponse(asking(e, c.Facts), received(e)); len(problems) > 0 {
			c.fails(e, "a response as the given OpenAPI document declares it", problems)
		}
		return
	}
	response := received(e)
	if _, isObject := response.Body.(map[string]any); isObject {
		response.Body = map[string]any{} // of its members nothing is asked here
	}
	problems := c.Suite.Document.CheckResponse(asking(e, c.Facts), response)
	problems = slices.DeleteFunc(problems, func(p schemas.Problem) bool { return p.Pointer != "" })
	if len(problems) > 0 {
		c.fails(e, "a response as the OpenAPI document declares it", problems)
	}
}

package scenarios

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// Script is the fixed sequence of requests that brings a scenario about. It is a pointer to a struct whose exported
// fields are its exchanges, *vault.Exchange or []*vault.Exchange; a field's name is the step's name in every report.
type Script interface {
	// Play sends the requests. It returns an *Unreached where the situation never came about, and a *vault.Failure
	// where a response was missing; the fields filled until then count.
	Play(ctx context.Context, s *Env) error
}

// Play describes one script: its name, its scenario, and how to make an empty one.
type Play struct {
	// Name is the name of the play's type.
	Name string
	// Scenario is the id of the scenario that it belongs to.
	Scenario string
	// New returns an empty play.
	New func() Script
	// AtOnce is true if the play sends several requests at the same time.
	AtOnce bool
}

// Step is one exchange of a play with its place in it.
type Step struct {
	// Name is the field's name, Index the place in it where it is a list.
	Name     string
	Index    int
	Exchange *vault.Exchange
}

// Steps returns the exchanges of a play in the order of its fields.
func Steps(play Script) []Step {
	var steps []Step
	value := reflect.ValueOf(play).Elem()
	for i := range value.NumField() {
		name := value.Type().Field(i).Name
		switch field := value.Field(i).Interface().(type) {
		case *vault.Exchange:
			if field != nil {
				steps = append(steps, Step{Name: name, Exchange: field})
			}
		case []*vault.Exchange:
			for index, exchange := range field {
				steps = append(steps, Step{Name: name, Index: index, Exchange: exchange})
			}
		}
	}
	return steps
}

// Restore puts the exchanges of a transcript back into an empty play. A step that the play does not have, or not in this
// place, is an error.
func Restore(play Script, steps []Step) error {
	value := reflect.ValueOf(play).Elem()
	for _, step := range steps {
		field := value.FieldByName(step.Name)
		if !field.IsValid() || !field.CanSet() {
			return fmt.Errorf("the play %s has no step %q", value.Type().Name(), step.Name)
		}
		there := 0
		switch present := field.Interface().(type) {
		case *vault.Exchange:
			if present != nil {
				there = 1
			}
		case []*vault.Exchange:
			there = len(present)
		default:
			return fmt.Errorf("the play %s has no step %q", value.Type().Name(), step.Name)
		}
		if step.Index != there || there > 0 && field.Kind() != reflect.Slice {
			return fmt.Errorf("the step %s.%s[%d] is out of place", value.Type().Name(), step.Name, step.Index)
		}
		if field.Kind() == reflect.Slice {
			field.Set(reflect.Append(field, reflect.ValueOf(step.Exchange)))
		} else {
			field.Set(reflect.ValueOf(step.Exchange))
		}
	}
	return nil
}

// Performance is a play that was played.
type Performance struct {
	Play   Play
	Script Script
	// Err is why the play ended early, nil where it was played to its end.
	Err     error
	Started time.Time
	Took    time.Duration

	derived sync.Map // by key, what makes the value once
}

// Derived returns what make derives from the performance. It is made once for all judges that ask by the same key, so
// that several rules about one view of a play cost as much as one. The performance must have ended.
func (p *Performance) Derived(key any, make func() any) any {
	stored, there := p.derived.Load(key)
	if !there {
		stored, _ = p.derived.LoadOrStore(key, sync.OnceValue(make)) // where make panics, it panics for all who ask
	}
	made := stored.(func() any) //nolint:forcetypeassert // nothing else is stored
	return made()
}

// Steps returns the exchanges of the performance, which must have ended, as the function of that name does.
func (p *Performance) Steps() []Step {
	type steps struct{}
	made := p.Derived(steps{}, func() any { return Steps(p.Script) })
	return made.([]Step) //nolint:forcetypeassert // as made here
}

// newPlay describes the play P of a scenario.
func newPlay[P any, Q interface {
	*P
	Script
}](scenario string) Play {
	return Play{
		Name:     nameOf[P](),
		Scenario: scenario,
		New:      func() Script { return Q(new(P)) },
	}
}

// newAtOnce describes the play P, which sends several requests at the same time.
func newAtOnce[P any, Q interface {
	*P
	Script
}]() Play {
	play := newPlay[P, Q]("at-once")
	play.AtOnce = true
	return play
}

// nameOf is the name of the play whose script is P.
func nameOf[P any]() string { return reflect.TypeFor[P]().Name() }

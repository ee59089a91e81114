package reports

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// A Duration is a time.Duration that JSON shows in milliseconds, to the microsecond.
type Duration time.Duration

// MarshalJSON writes milliseconds.
func (d Duration) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, d.milliseconds(), 'f', -1, 64), nil
}

// UnmarshalJSON reads milliseconds.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var ms float64
	if err := json.Unmarshal(b, &ms); err != nil {
		return fmt.Errorf("a duration is a number of milliseconds: %w", err)
	}
	ns := ms * float64(time.Millisecond)
	if ns < 0 || ns >= math.MaxInt64 {
		return fmt.Errorf("a duration of %v ms is out of range", ms)
	}
	*d = Duration(math.Round(ns/1000) * 1000)
	return nil
}

func (d Duration) milliseconds() float64 {
	return float64(time.Duration(d).Round(time.Microsecond)/time.Microsecond) / 1000
}

// String is for readers: three digits at most, in the unit that suits.
func (d Duration) String() string {
	t := time.Duration(d)
	switch {
	case t == 0:
		return "0 ms"
	case t < 10*time.Millisecond:
		return strconv.FormatFloat(t.Seconds()*1000, 'f', 1, 64) + " ms"
	case t < time.Second:
		return strconv.FormatInt(t.Milliseconds(), 10) + " ms"
	case t < time.Minute:
		return strconv.FormatFloat(t.Seconds(), 'f', 1, 64) + " s"
	default:
		return t.Round(time.Second).String()
	}
}

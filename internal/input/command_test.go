package input

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestACommandThatHangsIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the user has seen enough"))
	_, err := RunCommand(ctx, []string{"sleep", "60"}, "", nil, time.Minute)
	if want := "the command sleep was stopped: the user has seen enough"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	began := time.Now()
	_, err = RunCommand(context.Background(), []string{"sh", "-c", "sleep 60 & sleep 60"}, "", nil, 50*time.Millisecond)
	if want := "the command sh did not end within 50ms"; err == nil || err.Error() != want || time.Since(began) > 10*time.Second {
		t.Errorf("got %v after %s, want %s", err, time.Since(began), want)
	}
}

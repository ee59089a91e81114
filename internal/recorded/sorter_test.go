package recorded

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// archive is a HAR of requests that began at these milliseconds; -1 is no time.
func archive(began ...int) string {
	var entries []string
	for i, at := range began {
		started := ""
		if at >= 0 {
			started = time.UnixMilli(int64(at)).UTC().Format("2006-01-02T15:04:05.000Z")
		}
		entries = append(entries, fmt.Sprintf(
			`{"startedDateTime":%q,"time":1,"request":{"method":"GET","url":"https://a.example/%d"},"response":{"status":200}}`, started, i+1))
	}
	return `{"log":{"entries":[` + strings.Join(entries, ",") + `]}}`
}

func TestEntriesOfAHARComeInTheOrderInWhichTheyBegan(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
		want []int
	}{
		{"as the file has them", archive(1, 2, 3), []int{1, 2, 3}},
		{"as the responses ended", archive(5, 1, 9, 4), []int{2, 4, 1, 3}},
		{"at one time", archive(7, 7, 7), []int{1, 2, 3}},
		{"one without a time stays behind the one before it", archive(5, -1, 1), []int{3, 1, 2}},
		{"of a file that is cut short", archive(3, 2, 1)[:len(archive(3, 2, 1))-40], []int{2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			_, _ = Read(t.Context(), strings.NewReader(test.text), func(e Entry) { // the cut is tested elsewhere
				got = append(got, e.Number)
			})
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNoMoreThanAWindowOfAHARIsHeldToPutItInOrder(t *testing.T) {
	began := make([]int, mostSorted+100)
	for i := range began {
		began[i] = len(began) - i // the worst order
	}
	read, most := 0, 0
	var got []int
	text := strings.NewReader(archive(began...))
	_, err := Read(t.Context(), text, func(e Entry) {
		read = e.Number
		most = max(most, read-len(got))
		got = append(got, e.Number)
	})
	if err != nil || len(got) != len(began) {
		t.Fatalf("%d of %d entries: %v", len(got), len(began), err)
	}
	if most > mostSorted+1 {
		t.Errorf("%d entries were held, want %d at most", most, mostSorted+1)
	}
}

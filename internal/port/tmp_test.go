package port

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTmp(t *testing.T) {
	for _, f := range strings.Fields(os.Getenv("FILES")) {
		r, err := Translate(t.Context(), []string{f})
		if err != nil {
			fmt.Println(f, err)
			continue
		}
		if os.Getenv("SHOW") != "" {
			fmt.Println(string(r.Source))
		}
		fmt.Print(f, " ")
		if os.Getenv("QUIET") != "" {
			fmt.Println(r.Report.Translated(), r.Report.Statements, len(r.Report.Todos))
			continue
		}
		r.Report.WriteTo(os.Stdout)
	}
}

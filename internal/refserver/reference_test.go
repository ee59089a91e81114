package refserver

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kvconform/kvconform/runner/target"
)

func TestTheFilesOfAServedVaultReachItAndOnlyItsOwnerReadsTheToken(t *testing.T) {
	reference, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reference.Close() }()
	folder := t.TempDir()
	ca, file := filepath.Join(folder, "made", "ca.pem"), filepath.Join(folder, "target.yaml")
	if err := os.WriteFile(file, []byte("an older file\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := reference.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	if err := reference.WriteTarget(file, ca); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the target file has the mode %s, want -rw-------", info.Mode())
	}
	described, err := target.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := described.Resolve(); err != nil || described.Endpoint != reference.URL || described.Auth.Token.Value != reference.Token {
		t.Errorf("got %v and %v, want the vault at %s", described.Endpoint, err, reference.URL)
	}
	if err := reference.WriteTarget(folder, ca); err == nil || err.Error() != "the target file "+folder+" cannot be written: it is a folder" {
		t.Errorf("a folder gave %v", err)
	}
}

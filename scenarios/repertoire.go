package scenarios

// Repertoire lists every play. A play without a rule, or a rule without a play, is refused by a test.
func Repertoire() []Piece {
	return []Piece{
		newPiece[ConflictWhileInProgress]("conflict-while-in-progress"),
	}
}

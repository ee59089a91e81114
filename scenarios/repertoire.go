package scenarios

// Repertoire lists every play. A play without a rule, or a rule without a play, is refused by a test.
func Repertoire() []Piece {
	return []Piece{
		newPiece[RequestFromIssuer]("request-from-issuer"),
		newPiece[RequestFromOwnIssuer]("request-from-issuer"),
		newPiece[ReadInProgress]("read-in-progress"),
		newPiece[ReadCompleted]("read-completed"),
		newPiece[FailedRequest]("read-cancelled-or-failed"),
		newPiece[RejectedRequest]("read-cancelled-or-failed"),
		newPiece[CancelledRequest]("read-cancelled-or-failed"),
		newPiece[DeletedRequest]("read-deleted-or-overwritten"),
		newPiece[DeletedAfterCompletion]("read-deleted-or-overwritten"),
		newPiece[OverwrittenRequest]("read-deleted-or-overwritten"),
		newPiece[ImportedOver]("read-deleted-or-overwritten"),
		newPiece[ConflictWhileInProgress]("conflict-while-in-progress"),
		newPiece[ConflictWithIssuer]("conflict-while-in-progress"),
		newPiece[ConflictEndedByMerge]("conflict-while-in-progress"),
		newPiece[ConflictEndedByDeletion]("conflict-while-in-progress"),
		newPiece[ConflictEndedByWaiting]("conflict-while-in-progress"),
	}
}

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

		newPiece[MergeOnIssuerRequest]("merge-on-issuer-request"),
		newPiece[MergeAfterCancellation]("merge-on-issuer-request"),
		newPiece[MergeAfterFailure]("merge-on-issuer-request"),

		newPiece[CancelInProgress]("cancel-in-progress"),
		newPiece[CancelByRequestID]("cancel-in-progress"),
		newPiece[CancelTooLate]("cancel-in-progress"),

		newPiece[DeletePending]("delete-pending"),
		newPiece[DeleteByRequestID]("delete-pending"),
		newPiece[DeleteAfterAsking]("delete-pending"),
		newPiece[DeleteCompleted]("delete-pending"),

		newPiece[CreateManually]("create-manually"),
		newPiece[CreateWithoutIssuer]("create-manually"),

		newPiece[MergeManualRequest]("merge-manual-request"),
		newPiece[MergeRefused]("merge-manual-request"),
		newPiece[MergeChain]("merge-manual-request"),
		newPiece[MergeFuture]("merge-manual-request"),
		newPiece[MergeWithAttributes]("merge-manual-request"),

		newPiece[FirstVersion]("issue-next-version"),
		newPiece[NextVersion]("issue-next-version"),
		newPiece[NextVersionByHand]("issue-next-version"),
		newPiece[IncompleteFirstVersion]("issue-next-version"),
		newPiece[ChangedCertificate]("issue-next-version"),
		newPiece[DeletedName]("issue-next-version"),

		newPiece[ImportPFX]("import-certificate"),
		newPiece[ImportPEM]("import-certificate"),
		newPiece[ImportAgain]("import-certificate"),
		newPiece[ImportDeletedName]("import-certificate"),

		newPiece[Authentication]("authentication"),
		newPiece[APIVersions]("api-version"),
		newPiece[APIVersionOfTarget]("api-version"),
	}
}

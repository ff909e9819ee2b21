Attribute VB_Name = "PerfValues"
Option Explicit
' What comes back from Python, as cells show it: error words become real error values, and the reason is kept.

Private reasonOfLastError As String

' Turns words such as "#N/A" into error values: in a single value, a row of values, or a table of values.
Public Function PerfWithErrors(ByVal result As Variant) As Variant
    Dim i As Long
    Dim j As Long
    Select Case Dimensions(result)
        Case 0
            result = ErrorOr(result)
        Case 1
            For i = LBound(result) To UBound(result)
                result(i) = ErrorOr(result(i))
            Next i
        Case 2
            For i = LBound(result, 1) To UBound(result, 1)
                For j = LBound(result, 2) To UBound(result, 2)
                    result(i, j) = ErrorOr(result(i, j))
                Next j
            Next i
    End Select
    PerfWithErrors = result
End Function

Private Function Dimensions(ByVal result As Variant) As Long
    Dim bound As Long
    If Not IsArray(result) Then Exit Function
    On Error GoTo counted
    Do
        bound = UBound(result, Dimensions + 1)
        Dimensions = Dimensions + 1
    Loop
counted:
End Function

Private Function ErrorOr(ByVal answer As Variant) As Variant
    ErrorOr = answer
    If VarType(answer) <> vbString Then Exit Function
    Select Case answer
        Case "#NULL!": ErrorOr = CVErr(xlErrNull)
        Case "#DIV/0!": ErrorOr = CVErr(xlErrDiv0)
        Case "#VALUE!": ErrorOr = CVErr(xlErrValue)
        Case "#REF!": ErrorOr = CVErr(xlErrRef)
        Case "#NAME?": ErrorOr = CVErr(xlErrName)
        Case "#NUM!": ErrorOr = CVErr(xlErrNum)
        Case "#N/A": ErrorOr = CVErr(xlErrNA)
    End Select
End Function

' Keeps why the last call failed on the way to Python; "" where it arrived.
Public Sub PerfNoteReason(ByVal reason As String)
    reasonOfLastError = reason
End Sub

' Why the last call failed on the way to Python; "" where it arrived, and Python knows the reason.
Public Function PerfReason() As String
    PerfReason = reasonOfLastError
End Function

Attribute VB_Name = "PerfOpening"
Option Explicit
' What happens when the workbook is opened: the function wizard learns its texts, and a missing Python is told once.

Private Const TITLE As String = "xlperf.conf"   ' the hidden sheet: settings in A:B, sentences in D:E, functions from G
Private Const FIRST_ROW As Long = 2
Private Const KEYS As Long = 4
Private Const FUNCTION_NAMES As Long = 7
Private Const FIRST_ARGUMENT As Long = 10

Public Sub PerfOpen()
    RegisterFunctions
    If Not PerfPythonFound() Then WorkWithoutPython
End Sub

' The workbook that is worked on: this one, or the active one where this is the add-in.
Public Function PerfBook() As Workbook
    If ThisWorkbook.IsAddin Then
        Set PerfBook = ActiveWorkbook
    Else
        Set PerfBook = ThisWorkbook
    End If
End Function

' Whether the workbook in front is to be worked on from here; another macro workbook has macros of its own.
Public Function PerfInFront() As Boolean
    Dim sheet As Worksheet
    PerfInFront = True
    If ActiveWorkbook Is Nothing Then Exit Function
    If ActiveWorkbook.Name = ThisWorkbook.Name Then Exit Function
    If ThisWorkbook.IsAddin Then Exit Function
    For Each sheet In ActiveWorkbook.Worksheets
        If sheet.Name = TITLE Then PerfInFront = False
    Next sheet
End Function

' A sentence in the language of the workbook.
Public Function PerfText(ByVal key As String) As String
    Dim sheet As Worksheet
    Dim row As Long
    PerfText = key
    Set sheet = HiddenSheet()
    If sheet Is Nothing Then Exit Function
    row = FIRST_ROW
    Do While sheet.Cells(row, KEYS).Value <> ""
        If sheet.Cells(row, KEYS).Value = key Then PerfText = sheet.Cells(row, KEYS + 1).Value
        row = row + 1
    Loop
End Function

' Shows a sentence. MsgBox knows only the letters of the computer's own language, the scripting host knows all.
Public Sub PerfTell(ByVal key As String)
    #If Mac Then
        MsgBox PerfText(key), vbExclamation, "xlperf"
    #Else
        CreateObject("WScript.Shell").Popup PerfText(key), 0, "xlperf", vbExclamation
    #End If
End Sub

' Nothing where somebody has removed hidden sheets.
Private Function HiddenSheet() As Worksheet
    On Error Resume Next
    Set HiddenSheet = ThisWorkbook.Worksheets(TITLE)
End Function

' Without Python the numbers stay as they are: the sheets do not calculate until the workbook is opened again.
Private Sub WorkWithoutPython()
    Dim sheet As Worksheet
    If Not ThisWorkbook.IsAddin Then
        For Each sheet In ThisWorkbook.Worksheets
            sheet.EnableCalculation = False
        Next sheet
    End If
    PerfTell "no-python"
End Sub

Private Sub RegisterFunctions()
    Dim sheet As Worksheet
    Dim row As Long
    Dim wasSaved As Boolean
    Set sheet = HiddenSheet()
    If sheet Is Nothing Then Exit Sub
    wasSaved = ThisWorkbook.Saved
    row = FIRST_ROW
    Do While sheet.Cells(row, FUNCTION_NAMES).Value <> ""
        RegisterFunction sheet, row
        row = row + 1
    Loop
    ThisWorkbook.Saved = wasSaved
End Sub

' A function works without its texts too: what Excel refuses here is left out.
Private Sub RegisterFunction(ByVal sheet As Worksheet, ByVal row As Long)
    Dim qualified As String
    Dim texts() As String
    Dim count As Long
    On Error Resume Next
    qualified = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!" & sheet.Cells(row, FUNCTION_NAMES).Value
    Do While sheet.Cells(row, FIRST_ARGUMENT + count).Value <> ""
        ReDim Preserve texts(0 To count)
        texts(count) = sheet.Cells(row, FIRST_ARGUMENT + count).Value
        count = count + 1
    Loop
    If count = 0 Then
        Application.MacroOptions Macro:=qualified, Description:=sheet.Cells(row, FUNCTION_NAMES + 1).Value, _
            Category:=sheet.Cells(row, FUNCTION_NAMES + 2).Value
    Else
        Application.MacroOptions Macro:=qualified, Description:=sheet.Cells(row, FUNCTION_NAMES + 1).Value, _
            Category:=sheet.Cells(row, FUNCTION_NAMES + 2).Value, ArgumentDescriptions:=texts
    End If
End Sub

"""PCL 5 for HP LaserJets and whatever speaks their language."""
